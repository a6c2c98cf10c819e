#include "tenon/autodiff/step.hpp"
#include "tenon/op/bce_with_logits.hpp"
#include "tenon/op/huber.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/mse.hpp"
#include "tests/error_of.hpp"
#include "tests/op/check.hpp"

namespace tenon_test {
namespace {

template <class T> using Matrix = tn::Tensor<T, tn::dyn, tn::dyn>;

template <class T> Matrix<T> normal(Index n, Index m, std::uint64_t seed) {
  Matrix<T> x({n, m});
  tn::Rng(seed).fill_normal(x.mut().data(), x.size(), T(0), T(2));
  return x;
}

struct Mse {
  static auto of(const auto& x, const auto& y) { return tn::mse(x, y); }
  static long double item(long double x, long double y) { return (x - y) * (x - y); }
};
struct Huber {
  static auto of(const auto& x, const auto& y) { return tn::huber(x, y, 1.5); }
  static long double item(long double x, long double y) {
    const long double d = std::abs(x - y);
    return d <= 1.5L ? d * d / 2 : 1.5L * (d - 0.75L);
  }
};
struct Bce {
  static auto of(const auto& x, const auto& y) { return tn::bce_with_logits(x, y); }
  static long double item(long double x, long double y) {
    const long double p = 1 / (1 + std::exp(-x)), q = 1 / (1 + std::exp(x));
    return -y * std::log(p) - (1 - y) * std::log(q);
  }
};

template <class L, class X> long double truth(const X& x, const X& y) {
  long double sum = 0;
  for (Index i = 0; i < x.size(); ++i) sum += L::item(x.data()[i], y.data()[i]);
  return sum / x.size();
}

/// Value and both gradients of a loss on n x m elements, against the formula and its central differences.
template <class L, class T> void check_loss(Index n, Index m, double tolerance) {
  INFO(n << " x " << m);
  const auto x = normal<T>(n, m, 1), y = normal<T>(n, m, 2);
  const auto want = static_cast<double>(truth<L>(x, y));
  CHECK(static_cast<double>(T(L::of(x, y))) == Approx(want).epsilon(tolerance));

  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value vx = step.variable(x), vy = step.variable(y);
  const tn::Value loss = L::of(vx, vy);
  CHECK(static_cast<double>(loss.item()) == Approx(want).epsilon(tolerance));
  const auto g = std::move(step).backward(loss);
  const auto gx = g.of(vx), gy = g.of(vy);
  const long double h = 1e-5L;
  for (Index i = 0; i < n * m; ++i) {
    const long double a = x.data()[i], b = y.data()[i], count = static_cast<long double>(n * m);
    const auto dx = static_cast<double>((L::item(a + h, b) - L::item(a - h, b)) / (2 * h * count));
    const auto dy = static_cast<double>((L::item(a, b + h) - L::item(a, b - h)) / (2 * h * count));
    const double margin = 1e-6 / static_cast<double>(count);
    CHECK(static_cast<double>(gx.data()[i]) == Approx(dx).epsilon(1e-5).margin(margin));
    CHECK(static_cast<double>(gy.data()[i]) == Approx(dy).epsilon(1e-5).margin(margin));
  }
}
template <class L> void check_loss() {
  const Index sizes[][2] = {{1, 1}, {3, 1}, {5, 7}, {16, 8}, {33, 3}};
  for (const auto& s : sizes) {
    check_loss<L, double>(s[0], s[1], 1e-12);
    check_loss<L, float>(s[0], s[1], 1e-5);
  }
}

/// The second derivative along v, from duals through the tape, against differences of the first.
template <class L> void check_second(double tolerance) {
  using D = tn::Dual<double>;
  const auto x = normal<double>(3, 2, 3), y = normal<double>(3, 2, 4), v = normal<double>(3, 2, 5);
  Matrix<D> xd({3, 2});
  for (Index i = 0; i < 6; ++i) xd.mut().data()[i] = D(x.data()[i], v.data()[i]);
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value input = step.variable(xd);
  const auto g = std::move(step).backward(L::of(input, y)).of(input);
  for (Index i = 0; i < 6; ++i) {
    const long double a = x.data()[i], b = y.data()[i], h = 1e-3L;
    const long double second = (L::item(a + h, b) - 2 * L::item(a, b) + L::item(a - h, b)) / (h * h);
    CHECK(g.data()[i].tangent == Approx(static_cast<double>(second * v.data()[i] / 6)).epsilon(tolerance).margin(1e-9));
  }
}

}  // namespace

TEST_CASE("mse: value and gradients follow the formula", "[op][losses]") { check_loss<Mse>(); }
TEST_CASE("huber: value and gradients follow the formula", "[op][losses]") { check_loss<Huber>(); }
TEST_CASE("bce_with_logits: value and gradients follow the formula", "[op][losses]") { check_loss<Bce>(); }

TEST_CASE("losses: duals through the tape give second derivatives", "[op][losses]") {
  check_second<Mse>(1e-9);
  check_second<Huber>(1e-9);
  check_second<Bce>(1e-5);
}

TEST_CASE("huber: the rule holds on lanes and duals, on both sides of delta", "[op][losses]") {
  auto f = [](const auto& d, const auto& delta) { return tn::apply<tn::HuberOf>(d, delta); };
  auto huber_of = [](long double d, long double delta) {
    return std::abs(d) <= delta ? d * d / 2 : delta * (std::abs(d) - delta / 2);
  };
  check_elementwise<tn::HuberOf>(f, huber_of, Accuracy{2}, Domain{-0.9, 0.9}, Domain{1, 2});
  check_elementwise<tn::HuberOf>(f, huber_of, Accuracy{2, 2}, Domain{2.1, 5}, Domain{1, 2});
  check_elementwise<tn::HuberOf>(f, huber_of, Accuracy{2, 2}, Domain{-5, -2.1}, Domain{1, 2});
}
TEST_CASE("bce_with_logits: the rule holds on lanes and duals", "[op][losses]") {
  auto f = [](const auto& x, const auto& y) { return tn::apply<tn::BceOf>(x, y); };
  auto item = [](long double x, long double y) {
    return y * std::log1p(std::exp(-x)) + (1 - y) * std::log1p(std::exp(x));
  };
  check_elementwise<tn::BceOf>(f, item, Accuracy{4}, Domain{0.1, 12}, Domain{0.05, 1});
  check_elementwise<tn::BceOf>(f, item, Accuracy{4}, Domain{-12, -0.1}, Domain{0, 1});
}
TEST_CASE("bce_with_logits: sure answers keep their digits and nothing overflows", "[op][losses]") {
  const tn::Tensor<float, 2> x = {40.f, -40.f}, right = {1.f, 0.f}, wrong = {0.f, 1.f};
  CHECK(float(bce_with_logits(x, right)) == Approx(std::exp(-40.0)).epsilon(1e-6));
  CHECK(float(bce_with_logits(x, wrong)) == 40);
  const tn::Tensor<float, 2> huge = {3e38f, -3e38f}, endless = {HUGE_VALF, -HUGE_VALF};
  CHECK(float(bce_with_logits(huge, right)) == 0);
  CHECK(float(bce_with_logits(endless, wrong)) == HUGE_VALF);
  CHECK(std::isnan(float(bce_with_logits(endless, right))));
}
TEST_CASE("losses: the target may be a number", "[op][losses]") {
  const tn::Tensor<double, 3> x = {1, -2, 0.5}, one = {1, 1, 1};
  CHECK(double(mse(x, 1)) == double(mse(x, one)));
  CHECK(double(huber(x, 1.0)) == double(huber(x, one)));
  CHECK(double(bce_with_logits(x, 1)) == double(bce_with_logits(x, one)));
}
TEST_CASE("losses: one loop, and a product before them fuses into one more", "[op][losses]") {
  const auto x = normal<float>(8, 4, 1), y = normal<float>(8, 4, 2), w = normal<float>(4, 4, 3);
  auto loops = [](auto f) {
    const auto before = tn::counters().loops;
    (void)float(f());
    return tn::counters().loops - before;
  };
  CHECK(loops([&] { return mse(x, y); }) == 1);
  CHECK(loops([&] { return huber(x, y); }) == 1);
  CHECK(loops([&] { return bce_with_logits(x, y); }) == 1);
  CHECK(loops([&] { return mse(matmul(x, w), y); }) <= 2);
}
TEST_CASE("losses: no elements give NaN", "[op][losses]") {
  const Matrix<float> none({0, 3});
  CHECK(std::isnan(float(mse(none, none))));
  CHECK(std::isnan(float(huber(none, none))));
  CHECK(std::isnan(float(bce_with_logits(none, none))));
}
TEST_CASE("losses: shapes that would broadcast are refused, and so is a delta that is not positive", "[op][losses]") {
  const auto x = normal<float>(4, 1, 1), y = normal<float>(4, 4, 2);
  CHECK(says(error_of<tn::ShapeError>([&] { return float(mse(x, y)); }),
             "tenon::mse: a prediction of shape (4, 1) but a target of shape (4, 4)"));
  CHECK(says(error_of<tn::ShapeError>([&] { return float(huber(x, y)); }), "tenon::huber"));
  CHECK(says(error_of<tn::ShapeError>([&] { return float(bce_with_logits(x, y)); }), "tenon::bce_with_logits"));
  for (const double delta : {0.0, -1.0, static_cast<double>(NAN)})
    CHECK(says(error_of<tn::ValueError>([&] { return float(huber(x, x, delta)); }), "delta"));
}

}  // namespace tenon_test
