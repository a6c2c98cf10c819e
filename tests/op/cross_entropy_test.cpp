#include "tenon/op/cross_entropy.hpp"

#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::Index;
template <class T> using Matrix = tn::Tensor<T, tn::dyn, tn::dyn>;
template <class I> using Labels = tn::Tensor<I, tn::dyn>;

template <class T> Matrix<T> logits(Index n, Index k, std::uint64_t seed, T spread = 3) {
  Matrix<T> x({n, k});
  tn::Rng(seed).fill_normal(x.mut().data(), x.size(), T(0), spread);
  return x;
}
template <class I> Labels<I> labels(Index n, Index k) {
  Labels<I> l({n});
  for (Index i = 0; i < n; ++i) l.mut()(i) = static_cast<I>((7 * i + 3) % k);
  return l;
}

/// The formula, in long double; `h` is added to element (a, b).
template <class X, class L>
long double truth(const X& x, const L& label, Index a = -1, Index b = -1, long double h = 0) {
  long double sum = 0;
  const Index n = x.shape()[0], k = x.shape()[1];
  for (Index i = 0; i < n; ++i) {
    auto at = [&](Index j) { return static_cast<long double>(x(i, j)) + (i == a && j == b ? h : 0); };
    long double total = 0;
    for (Index j = 0; j < k; ++j) total += std::exp(at(j));
    sum += std::log(total) - at(static_cast<Index>(label(i)));
  }
  return sum / n;
}
template <class X, class L> long double slope(const X& x, const L& label, Index a, Index b) {
  const long double h = 1e-4L;
  return (8 * (truth(x, label, a, b, h) - truth(x, label, a, b, -h)) -
          (truth(x, label, a, b, 2 * h) - truth(x, label, a, b, -2 * h))) /
         (12 * h);
}

template <class T, class I> void check_size(Index n, Index k, double tolerance) {
  INFO(n << " rows, " << k << " classes");
  const auto x = logits<T>(n, k, 5);
  const auto l = labels<I>(n, k);
  const T y = cross_entropy(x, l);
  CHECK(static_cast<double>(y) == Approx(static_cast<double>(truth(x, l))).epsilon(tolerance).margin(tolerance));

  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  const tn::Value loss = cross_entropy(v, l);
  CHECK(loss.item() == y);
  const auto g = std::move(step).backward(loss).of(v);
  for (Index i = 0; i < n; i += 1 + n / 5)
    for (Index j = 0; j < k; j += 1 + k / 40)
      CHECK(static_cast<double>(g(i, j)) == Approx(static_cast<double>(slope(x, l, i, j)))
                                                .epsilon(4 * tolerance)
                                                .margin(tolerance / static_cast<double>(n)));
}

}  // namespace

TEST_CASE("cross_entropy: value and gradient follow the formula in long double", "[op][cross_entropy]") {
  const Index sizes[][2] = {{1, 1}, {1, 2}, {3, 10}, {64, 10}, {5, 16}, {7, 17}, {33, 1}, {2, 1000}, {300, 3}};
  for (const auto& s : sizes) {
    check_size<double, std::int64_t>(s[0], s[1], 1e-12);
    check_size<float, std::int32_t>(s[0], s[1], 2e-6);
  }
  check_size<float, std::uint8_t>(20, 10, 2e-6);
}

TEST_CASE("cross_entropy: strides of logits and labels do not matter", "[op][cross_entropy]") {
  const auto x = logits<double>(20, 12, 6);
  const auto l = labels<std::int32_t>(40, 12);
  const auto every_second = l(tn::range(0, 40, 2));
  CHECK(double(cross_entropy(x, every_second)) == Approx(static_cast<double>(truth(x, every_second))));
  const auto part = x(tn::range(1, 20, 3), tn::range(2, 12, 5));  // 7 x 2, gaps both ways
  const auto two = labels<std::int32_t>(7, 2);
  CHECK(double(cross_entropy(part, two)) == Approx(static_cast<double>(truth(part, two))));
}

TEST_CASE("cross_entropy: labels may be a tensor, a temporary, a value, a view, an expression or a vector",
          "[op][cross_entropy]") {
  const auto x = logits<float>(4, 5, 7);
  const auto l = labels<std::int64_t>(4, 5);
  const float y = cross_entropy(x, l);
  CHECK(float(cross_entropy(x, l.clone())) == y);
  CHECK(float(cross_entropy(x, l.view())) == y);
  CHECK(float(cross_entropy(x, l + 0)) == y);
  CHECK(float(cross_entropy(x, l.to_vector())) == y);
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  const tn::Value loss = cross_entropy(v, step.input(l)) + cross_entropy(v, l.to_vector());  // the copy must last
  CHECK(loss.item() == y + y);
  const auto twice = std::move(step).backward(loss).of(v);
  tn::Step other(arena);
  const tn::Value w = other.variable(x);
  const auto once = std::move(other).backward(cross_entropy(w, l)).of(w);
  for (Index i = 0; i < 20; ++i) CHECK(twice.data()[i] == Approx(2 * once.data()[i]));
}

TEST_CASE("cross_entropy: static shapes give a number and clash at compile time only", "[op][cross_entropy]") {
  const tn::Tensor<float, 2, 3> x = {{1, 2, 3}, {0, 0, 0}};
  const tn::Tensor<std::int32_t, 2> l = {2, 0};
  const tn::Tensor y = cross_entropy(x, l);
  STATIC_REQUIRE(std::is_same_v<std::remove_const_t<decltype(y)>, tn::Tensor<float>>);
  CHECK(y.item() == Approx((std::log(std::exp(1) + std::exp(2) + std::exp(3)) - 3 + std::log(3.0)) / 2));
}

TEST_CASE("cross_entropy: large logits neither overflow nor lose a sure answer", "[op][cross_entropy]") {
  const tn::Tensor<float, 1, 2> x = {{1e4f, -1e4f}};
  CHECK(float(cross_entropy(x, std::vector<std::int32_t>{0})) == 0);
  CHECK(float(cross_entropy(x, std::vector<std::int32_t>{1})) == 2e4f);
  const float inf = HUGE_VALF;
  const tn::Tensor<float, 1, 3> masked = {{0.f, -inf, 0.f}};
  CHECK(float(cross_entropy(masked, std::vector<std::int32_t>{0})) == Approx(std::log(2.0)));
  CHECK(float(cross_entropy(masked, std::vector<std::int32_t>{1})) == inf);
  const tn::Tensor<float, 1, 2> none = {{-inf, -inf}}, bad = {{NAN, 0.f}};
  CHECK(std::isnan(float(cross_entropy(none, std::vector<std::int32_t>{0}))));
  CHECK(std::isnan(float(cross_entropy(bad, std::vector<std::int32_t>{1}))));
}

TEST_CASE("cross_entropy: no rows give NaN and an empty gradient", "[op][cross_entropy]") {
  const Matrix<float> x({0, 3});
  const Labels<std::int32_t> l({0});
  CHECK(std::isnan(float(cross_entropy(x, l))));
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  CHECK(std::move(step).backward(cross_entropy(v, l)).of(v).size() == 0);
}

TEST_CASE("cross_entropy: a bad label is named before anything is computed", "[op][cross_entropy]") {
  const auto x = logits<float>(5, 10, 8);
  auto l = labels<std::int32_t>(5, 10);
  for (const int bad : {12, 10, -1}) {
    l.mut()(3) = bad;
    const auto loops = tn::counters().loops;
    const auto error = error_of<tn::ValueError>([&] { return float(cross_entropy(x + x, l)); });
    CHECK(says(error, "tenon::cross_entropy: label " + std::to_string(bad) + " at row 3 is outside [0, 10)"));
    CHECK(tn::counters().loops == loops);
  }
  tn::Arena arena;  // and nothing was recorded
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  CHECK_THROWS_AS(cross_entropy(v, l), tn::ValueError);
  CHECK(step.node_count() == 0);
  const auto error = error_of<tn::ShapeError>([&] { return float(cross_entropy(x, labels<std::int32_t>(4, 10))); });
  CHECK(says(error, "logits of shape (5, 10) but labels of shape (4,)"));
  const Matrix<float> no_classes({1, 0});
  CHECK_THROWS_AS(float(cross_entropy(no_classes, labels<std::int32_t>(1, 1))), tn::ValueError);
}

TEST_CASE("cross_entropy: probabilities, smoothing, ignored rows and sums follow their definitions",
          "[op][cross_entropy]") {
  const Index n = 6, k = 21;
  const auto x = logits<double>(n, k, 11), weights = logits<double>(n, k, 12);
  auto l = labels<std::int32_t>(n, k);
  l.mut()(1) = -100;
  l.mut()(4) = 9;
  Matrix<double> p({n, k});
  for (Index i = 0; i < n * k; ++i) p.mut().data()[i] = weights.data()[i] * weights.data()[i] / 20;
  // The loss of row i under the target t, in long double.
  auto row_loss = [&](Index i, auto t) {
    long double total = 0, loss = 0;
    for (Index j = 0; j < k; ++j) total += std::exp(static_cast<long double>(x(i, j)));
    for (Index j = 0; j < k; ++j) loss += t(i, j) * (std::log(total) - x(i, j));
    return loss;
  };
  for (const double s : {0.0, 0.3}) {
    auto smooth = [&](long double t) {
      return t * (1 - static_cast<long double>(s)) + static_cast<long double>(s) / k;
    };
    long double by_label = 0, by_nine = 0, by_p = 0;
    const tn::Tensor each = cross_entropy_each(x, l, {.label_smoothing = s}),
                     each_p = cross_entropy_each(x, p, {.label_smoothing = s});
    for (Index i = 0; i < n; ++i) {
      const auto hot = row_loss(i, [&](Index, Index j) { return smooth(j == l(i) ? 1 : 0); });
      if (l(i) >= 0) by_label += hot;
      if (l(i) >= 0 && l(i) != 9) by_nine += hot;
      const auto weighed = row_loss(i, [&](Index a, Index j) { return smooth(p(a, j)); });
      by_p += weighed;
      CHECK(each(i) == Approx(static_cast<double>(l(i) >= 0 ? hot : 0)));
      CHECK(each_p(i) == Approx(static_cast<double>(weighed)));
    }
    using Options = tn::CrossEntropyOptions;
    auto value = [&](const auto& target, Options o) { return double(cross_entropy(x, target, o)); };
    CHECK(value(l, {.label_smoothing = s}) == Approx(static_cast<double>(by_label / 5)));
    CHECK(value(l, {.label_smoothing = s, .reduction = tn::Reduction::sum}) == Approx(static_cast<double>(by_label)));
    l.mut()(1) = 9;  // both rows of class 9 drop out
    CHECK(value(l, {.label_smoothing = s, .ignore_index = 9}) == Approx(static_cast<double>(by_nine / 4)));
    l.mut()(1) = -100;
    CHECK(value(p, {.label_smoothing = s}) == Approx(static_cast<double>(by_p / n)));
    CHECK(value(p, {.label_smoothing = s, .reduction = tn::Reduction::sum}) == Approx(static_cast<double>(by_p)));
    const auto of_labels = tn::gradcheck([&](const auto& a) { return cross_entropy(a, l, Options{s}); }, x);
    const auto of_both =
        tn::gradcheck([&](const auto& a, const auto& b) { return cross_entropy(a, b, Options{s}); }, x, p);
    INFO(to_string(of_labels) << "\n" << to_string(of_both));
    CHECK((of_labels.ok && of_both.ok));
  }
  const auto nothing = labels<std::int32_t>(n, 1);  // all of class 0
  CHECK(std::isnan(double(cross_entropy(x, nothing, {.ignore_index = 0}))));
  CHECK(says(error_of<tn::ValueError>([&] { return double(cross_entropy(x, l, {.label_smoothing = 1.5})); }),
             "label_smoothing is 1.5"));
  CHECK_THROWS_AS(double(cross_entropy(x, p(tn::range(0, 5), tn::all))), tn::ShapeError);
  CHECK(double(cross_entropy(Matrix<double>({1, 0}), Matrix<double>({1, 0}))) == 0);
}

TEST_CASE("cross_entropy: duals give the directional derivative and the Hessian-vector product",
          "[op][cross_entropy]") {
  using D = tn::Dual<double>;
  const Index n = 3, k = 4;
  const auto x = logits<double>(n, k, 9, 1.0), v = logits<double>(n, k, 10, 1.0);
  const auto l = labels<std::int32_t>(n, k);
  Matrix<D> xd({n, k});
  Matrix<double> up({n, k}), down({n, k});
  const double h = 1e-4;
  for (Index i = 0; i < n * k; ++i) {
    xd.mut().data()[i] = D(x.data()[i], v.data()[i]);
    up.mut().data()[i] = x.data()[i] + h * v.data()[i];
    down.mut().data()[i] = x.data()[i] - h * v.data()[i];
  }
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value input = step.variable(xd);
  const tn::Value loss = cross_entropy(input, l);
  CHECK(loss.item().value == Approx(static_cast<double>(truth(x, l))));
  CHECK(loss.item().tangent == Approx(static_cast<double>((truth(up, l) - truth(down, l)) / (2 * h))).epsilon(1e-6));
  const auto g = std::move(step).backward(loss).of(input);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < k; ++j) {
      CHECK(g(i, j).value == Approx(static_cast<double>(slope(x, l, i, j))));
      CHECK(g(i, j).tangent == Approx(static_cast<double>((slope(up, l, i, j) - slope(down, l, i, j)) / (2 * h)))
                                   .epsilon(1e-6)
                                   .margin(1e-9));
    }
}
