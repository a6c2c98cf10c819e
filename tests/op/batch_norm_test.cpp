#include "tenon/nn/batch_norm.hpp"

#include <cmath>
#include <vector>

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/group_norm.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/effort.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;
template <class T> using Cube = tn::Tensor<T, dyn, dyn, dyn>;

/// Mean and variance of the elements (i, k, p) of x for which takes(i, k).
struct Moments {
  long double mean = 0, variance = 0;
  Index count = 0;
  template <class X, class F> static Moments of(const X& x, F takes) {
    Moments m;
    const auto each = [&](auto f) {
      for (Index i = 0; i < x.shape()[0]; ++i)
        for (Index k = 0; k < x.shape()[1]; ++k) {
          if (!takes(i, k)) continue;
          for (Index p = 0; p < x.shape()[2]; ++p) f(static_cast<long double>(x(i, k, p)));
        }
    };
    each([&](long double v) { m.mean += v, ++m.count; });
    if (m.count > 0) m.mean /= static_cast<long double>(m.count);
    each([&](long double v) { m.variance += (v - m.mean) * (v - m.mean); });
    if (m.count > 0) m.variance /= static_cast<long double>(m.count);
    return m;
  }
};
/// (x - mean) / sqrt(variance + epsilon) weight + bias, and the size of what is rounded on the way.
struct Norm {
  long double y, size;
  Norm(long double x, const Moments& m, long double epsilon, long double weight, long double bias)
      : y((x - m.mean) / std::sqrt(m.variance + epsilon) * weight + bias),
        size((std::abs(x) + std::abs(m.mean)) / std::sqrt(m.variance + epsilon) * std::abs(weight) + std::abs(bias)) {}
  template <class T> bool near(T is) const {
    return std::abs(static_cast<long double>(is) - y) <= 8 * std::numeric_limits<T>::epsilon() * size;
  }
};
constexpr Index shapes[][3] = {{1, 1, 2}, {3, 4, 1}, {2, 6, 5}, {7, 2, 33},   {40, 130, 1},
                               {0, 2, 3}, {2, 0, 3}, {4, 2, 0}, {2, 2, 5000}, {2, 18, 16}};

}  // namespace

TEMPLATE_TEST_CASE("batch_norm, group_norm: values are those of the formula", "[op][batch_norm]", float, double) {
  using T = TestType;
  for (const auto& s : shapes) {
    INFO("shape " << s[0] << ", " << s[1] << ", " << s[2]);
    const Index c = s[1], groups = c % 3 == 0 && c > 0 ? 3 : c % 2 == 0 && c > 0 ? 2 : 1;
    tn::Rng rng(1);
    const auto x = tn::uniform<T>(rng, {s[0], c, s[2]}, T(3), T(7));
    const auto w = tn::uniform<T>(rng, {c}, T(0.5), T(2)), b = tn::uniform<T>(rng, {c}, T(-1), T(1));
    const tn::Tensor y = tn::batch_norm(x, w, b, {.epsilon = 1e-3});
    const tn::Tensor z = tn::group_norm(x, w, b, groups, {.epsilon = 1e-3});
    const tn::Tensor given = tn::batch_norm(x, w, b, b, w);
    REQUIRE(y.shape().extents() == x.shape().extents());
    bool good = true;
    for (Index k = 0; k < c; ++k) {
      const Moments batch = Moments::of(x, [&](Index, Index j) { return j == k; });
      for (Index i = 0; i < s[0]; ++i) {
        const Index wide = c / groups;
        const Moments group = Moments::of(x, [&](Index n, Index j) { return n == i && j / wide == k / wide; });
        for (Index p = 0; p < s[2]; ++p) {
          const auto is = [&](T found, const Moments& m, long double epsilon) {
            return Norm(x(i, k, p), m, epsilon, w(k), b(k)).near(found);
          };
          good = good && is(y(i, k, p), batch, 1e-3L) && is(z(i, k, p), group, 1e-3L) &&
                 is(given(i, k, p), {b(k), w(k), 1}, 1e-5L);
        }
      }
    }
    CHECK(good);
  }
}

TEST_CASE("batch_norm: any rank and layout, channels far from 0 keep their digits", "[op][batch_norm]") {
  tn::Rng rng(2);
  const auto x = tn::uniform<double>(rng, {3, 4, 2, 5}, -2.0, 2.0);
  const auto w = tn::uniform<double, 4>(rng, 0.5, 2), b = tn::uniform<double, 4>(rng, -1, 1);
  const tn::Tensor y = tn::batch_norm(x, w, b);
  const tn::Tensor flat = tn::batch_norm(tn::reshape(x, 3, 4, 10), w, b);
  CHECK(y.to_vector() == flat.to_vector());
  const auto turned = tn::eval(tn::transpose(tn::reshape(x, 12, 10)));  // (10, 12)
  const tn::Tensor<double, 12> one = tn::full<double, 12>(1), none;
  const tn::Tensor columns = tn::batch_norm(turned, one, none),
                   viewed = tn::batch_norm(tn::transpose(tn::reshape(x, 12, 10)), one, none);
  CHECK(columns.to_vector() == viewed.to_vector());

  tn::Tensor<float, dyn, 1, 64> far({8, 1, 64});
  for (Index i = 0; i < far.size(); ++i) far.mut().data()[i] = 65536 + static_cast<float>(i % 2);  // variance 1/4
  const tn::Tensor<float, 1> scale = {1}, shift = {0};
  const tn::Tensor near_zero = tn::batch_norm(far, scale, shift, {.epsilon = 0});
  CHECK((near_zero(0, 0, 0) == -1 && near_zero(7, 0, 63) == 1));
}

TEST_CASE("batch_norm, group_norm: mistakes are named", "[op][batch_norm]") {
  const Cube<float> x({1, 4, 1});
  const tn::Tensor<float, dyn> w({4}), b({5});
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::batch_norm(x, w, b)); }), "has 4 channels but"));
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::batch_norm(x, w, w)); }), "one element a channel"));
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::group_norm(x, w, w, 3)); }), "into 3 groups"));
  CHECK(says(error_of<tn::ValueError>([&] { (void)tn::Tensor(tn::group_norm(x, w, w, 2, {.epsilon = -1})); }), "-1"));
  CHECK(says(error_of<tn::ValueError>([&] { tn::nn::BatchNorm<2>({.momentum = 2}); }), "momentum is 2"));
  CHECK_THROWS_AS((tn::nn::GroupNorm<3, dyn>(4)), tn::ShapeError);
}

TEST_CASE("BatchNorm: backward of a Step moves the running statistics, nothing else does", "[nn][batch_norm]") {
  struct Net {
    tn::nn::BatchNorm<3, double> norm;
    tn::nn::BatchNorm<dyn, double> sized{3, {.momentum = 0.25}};
  } net;
  std::string names;
  tn::for_each_state(net, [&](const tn::Path& p, auto&) { names += p.str() + " "; });
  CHECK(names.substr(0, 58) == "norm.weight norm.bias norm.running_mean norm.running_var s");
  CHECK(tn::parameter_count(net) == 12);
  tn::Rng rng(3);
  const auto x = tn::uniform<double>(rng, {4, 3, 5}, -2.0, 6.0);
  const auto untouched = [&] {
    return net.norm.running_mean.to_vector() == std::vector<double>{0, 0, 0} &&
           net.norm.running_var.to_vector() == std::vector<double>{1, 1, 1};
  };
  tn::Arena arena;
  {
    tn::Scope scope(arena);
    (void)tn::eval(net.norm(scope.input(x)));
  }
  {
    tn::Step step(arena, net);
    (void)tn::eval(net.norm(step.input(x)));  // no backward
  }
  CHECK(untouched());
  {
    tn::Step step(arena, net.sized);  // norm is frozen: it normalizes by what it has gathered
    const tn::Value y = net.norm(step.input(x));
    CHECK(y(0, 0, 0) == Approx(x(0, 0, 0) / std::sqrt(1 + 1e-5)));
    std::move(step).backward(tn::sum(net.sized(y)));
  }
  CHECK(untouched());
  {
    tn::Step step(arena, net);
    const auto y = net.norm(step.input(x));
    CHECK_THROWS_AS(net.norm.running_mean.mut(), tn::OwnershipError);
    std::move(step).backward(tn::sum(y * y));
  }
  for (Index k = 0; k < 3; ++k) {
    const Moments m = Moments::of(x, [&](Index, Index j) { return j == k; });
    CHECK(net.norm.running_mean(k) == Approx(static_cast<double>(0.1L * m.mean)));
    CHECK(net.norm.running_var(k) == Approx(static_cast<double>(0.9L + 0.1L * m.variance * 20 / 19)));
  }
  const tn::Tensor y = net.norm(x),
                   z = tn::batch_norm(x, net.norm.weight, net.norm.bias, net.norm.running_mean, net.norm.running_var);
  CHECK(y.to_vector() == z.to_vector());
  tn::nn::init(net, rng);
  CHECK(untouched());
  const auto refused = [&](auto& frame, const auto& v) {
    (void)frame.input(net.norm.running_mean);
    return says(error_of<tn::OwnershipError>([&] { (void)net.norm(v); }), "lent to an open frame");
  };
  {
    tn::Step step(arena, net);
    CHECK(refused(step, step.input(x)));
  }
  tn::Scope outer(arena);
  (void)outer.input(net.norm.running_mean);
  tn::Step step(arena, net);
  CHECK(refused(step, step.input(x)));
}
