#include "tenon/op/pool2d.hpp"

#include <cmath>

#include "tenon/autodiff/step.hpp"
#include "tenon/autodiff/value_and_grad.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/op/square.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

namespace {
using Images = tn::Tensor<double, dyn, dyn, dyn, dyn>;

/// The largest element and the sum over rows i0 .. i1, columns j0 .. j1 of one plane, as far as they are inside.
template <class X>
std::pair<double, double> window(const X& x, Index n, Index c, Index i0, Index i1, Index j0, Index j1) {
  double most = -HUGE_VAL, sum = 0;
  for (Index i = i0; i < i1; ++i)
    for (Index j = j0; j < j1; ++j)
      if (i >= 0 && j >= 0 && i < x.shape()[2] && j < x.shape()[3]) {
        most = std::fmax(most, x(n, c, i, j));
        sum += x(n, c, i, j);
      }
  return {most, sum};
}
template <class X> void check_pools(const X& x, tn::Pair size, const tn::Pool2dOptions& o, Index p, Index q) {
  const tn::Tensor most = tn::max_pool2d(x, size, o), mean = tn::avg_pool2d(x, size, o);
  REQUIRE(most.shape().extents() == std::array<Index, 4>{x.shape()[0], x.shape()[1], p, q});
  REQUIRE(mean.shape() == most.shape());
  const Index stride[2] = {o.stride.of[0] ? o.stride.of[0] : size.of[0], o.stride.of[1] ? o.stride.of[1] : size.of[1]};
  Index wrong = 0;
  for (Index n = 0; n < x.shape()[0]; ++n)
    for (Index c = 0; c < x.shape()[1]; ++c)
      for (Index i = 0; i < p; ++i)
        for (Index j = 0; j < q; ++j) {
          const Index top = i * stride[0] - o.padding.of[0], left = j * stride[1] - o.padding.of[1];
          const auto [largest, sum] = window(x, n, c, top, top + size.of[0], left, left + size.of[1]);
          wrong += most(n, c, i, j) != largest;
          wrong += std::fabs(mean(n, c, i, j) - sum / static_cast<double>(size.of[0] * size.of[1])) > 1e-14;
        }
  CHECK(wrong == 0);
}
}  // namespace

TEST_CASE("pool2d: values follow the windows, of any layout", "[op][pool2d]") {
  tn::Rng rng(1);
  const auto x = tn::uniform<double>(rng, {2, 3, 7, 9}, -1., 1.);
  check_pools(x, 2, {}, 3, 4);
  check_pools(x, {3, 2}, {.stride = {2, 1}, .padding = 1}, 4, 10);
  check_pools(x, {7, 9}, {}, 1, 1);
  check_pools(x, 1, {.stride = 3}, 3, 3);
  check_pools(tn::transpose(x), 3, {.stride = 1}, 7, 5);
  for (const Index w : {2, 3, 15, 16, 17, 31, 33, 64, 71})
    check_pools(tn::uniform<double>(rng, {1, 2, 5, w}, -1., 1.), 2, {}, 2, w / 2);
  check_pools(tn::uniform<double>(rng, {0, 3, 4, 4}, -1., 1.), 2, {}, 2, 2);
  check_pools(tn::uniform<double>(rng, {40, 50, 10, 12}, -1., 1.), 2, {}, 5, 6);  // many planes: threads
}

TEST_CASE("adaptive_avg_pool2d: windows cover the image evenly", "[op][pool2d]") {
  tn::Rng rng(2);
  const auto x = tn::uniform<double>(rng, {2, 3, 7, 10}, -1., 1.);
  const tn::Tensor y = tn::adaptive_avg_pool2d(x, {3, 4});
  const Index top[] = {0, 2, 4}, bottom[] = {3, 5, 7}, left[] = {0, 2, 5, 7}, right[] = {3, 5, 8, 10};
  for (Index n = 0; n < 2; ++n)
    for (Index c = 0; c < 3; ++c)
      for (Index p = 0; p < 3; ++p)
        for (Index q = 0; q < 4; ++q)
          CHECK(y(n, c, p, q) ==
                Approx(window(x, n, c, top[p], bottom[p], left[q], right[q]).second / 9).margin(1e-15));
  const tn::Tensor whole = tn::adaptive_avg_pool2d(x, 1);
  CHECK(whole(1, 2, 0, 0) == Approx(window(x, 1, 2, 0, 7, 0, 10).second / 70));
}

TEST_CASE("max_pool2d: the first of equal elements gets the gradient, NaN passes", "[op][pool2d]") {
  tn::Tensor<float, 1, 1, 2, 4> x = {{{{5, 5, 1, NAN}, {5, 5, 3, 2}}}};
  tn::Arena arena;
  {
    tn::Step step(arena);
    auto v = step.variable(x);
    const tn::Value y = tn::max_pool2d(v, 2);
    CHECK(y.view()(0, 0, 0, 0) == 5);
    CHECK(std::isnan(y.view()(0, 0, 0, 1)));
    const auto g = std::move(step).backward(tn::sum(y));
    CHECK(g.of(v).to_vector() == std::vector<float>{1, 0, 0, 1, 0, 0, 0, 0});
  }
  tn::Tensor<float, 1, 1, 2, 100> wide;
  wide.mut() = 3.f;
  wide.mut()(0, 0, 1, 98) = NAN;
  tn::Step other(arena);
  auto u = other.variable(wide);
  const auto du = std::move(other).backward(tn::sum(tn::max_pool2d(u, 2))).of(u).to_vector();
  for (std::size_t k = 0; k < 200; ++k) CHECK((du[k] == 1) == (k < 98 ? k % 2 == 0 : k == 198));
  const tn::Tensor<float, 1, 1, 1, 2> low = {{{{-HUGE_VALF, -HUGE_VALF}}}};
  CHECK(tn::Tensor(tn::max_pool2d(low, {1, 2}))(0, 0, 0, 0) == -HUGE_VALF);
}

TEST_CASE("max_pool2d: relu(x + b) of a temporary is made of the elements taken, with the same values and gradients",
          "[op][pool2d]") {
  tn::Rng rng(3);
  const auto x = tn::uniform<double>(rng, {2, 3, 7, 9}, -1., 1.);
  const tn::Tensor<double, 3, 1, 1> b = tn::uniform<double, 3, 1, 1>(rng, -1., 1.);
  const tn::Tensor<double, 1, 7, 1> rows = tn::uniform<double, 1, 7, 1>(rng, -1., 1.);
  const auto gradients = [&](const auto& f) {
    return tn::value_and_grad([&](const auto& u, const auto& v) { return tn::sum(tn::square(f(u, v))); })(x, b);
  };
  const auto check = [&](const auto& fused, const auto& named) {
    const auto a = gradients(fused), r = gradients(named);
    CHECK(a.value == Approx(r.value));
    CHECK(std::get<0>(a.grad).to_vector() == std::get<0>(r.grad).to_vector());
    for (Index k = 0; k < 3; ++k) CHECK(std::get<1>(a.grad)(k, 0, 0) == Approx(std::get<1>(r.grad)(k, 0, 0)));
  };
  const tn::Pool2dOptions o{.stride = {2, 1}, .padding = 1};
  check([&](const auto& u, const auto& v) { return tn::max_pool2d(tn::relu(u + v), 3, o); },
        [&](const auto& u, const auto& v) {
          const auto r = tn::relu(u + v);
          return tn::max_pool2d(r, 3, o);
        });
  check([&](const auto& u, const auto& v) { return tn::max_pool2d(2. * v + u, 2); },
        [&](const auto& u, const auto& v) {
          const auto r = 2. * v + u;
          return tn::max_pool2d(r, 2);
        });
  // What varies along rows stays in front of the choice, and so does what may turn the order round.
  using A = decltype(tn::relu(x + b));
  using B = decltype(tn::relu(x + rows));
  using C = decltype(tn::relu(x * b));
  using D = decltype(tn::relu(x + x));
  static_assert(tn::commute::behind_choice<A> && !tn::commute::behind_choice<B>);
  static_assert(!tn::commute::behind_choice<C> && !tn::commute::behind_choice<D>);
  const tn::Tensor turned = tn::max_pool2d(tn::relu(x * b), 2);
  const tn::Tensor before = tn::relu(x * b);
  CHECK(turned.to_vector() == tn::Tensor(tn::max_pool2d(before, 2)).to_vector());
  const auto clash = error_of<tn::ShapeError>([&] { (void)tn::max_pool2d(tn::relu(x + b), 11); });
  CHECK(says(clash, "tenon::max_pool2d: x of shape (2, 3, 7, 9): a window of 11"));
}

TEST_CASE("pool2d: run-time mistakes name the shape", "[op][pool2d]") {
  const Images x({1, 2, 5, 6});
  const auto message = [&](tn::Pair size, const tn::Pool2dOptions& o) {
    return error_of<tn::ShapeError>([&] { (void)tn::max_pool2d(x, size, o); });
  };
  CHECK(says(message(6, {}), "tenon::max_pool2d: x of shape (1, 2, 5, 6): a window of 6"));
  CHECK(says(message(3, {.padding = 2}), "padding 2"));
  CHECK(says(message(2, {.stride = -1}), "stride -1"));
  CHECK(says(message(0, {}), "does not slide"));
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::adaptive_avg_pool2d(x, 0); }), "0 windows"));
}
