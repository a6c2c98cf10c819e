// jvp and hvp through matrix products, biases, activations and softmax cross-entropy, against differences of value and gradient.
#include <cmath>

#include "tenon/autodiff/functional.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/negative.hpp"
#include "tenon/op/softmax.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

using Matrix = tn::Tensor<double, tn::dyn, tn::dyn>;
Matrix normal(Index n, Index m, std::uint64_t seed) {
  Matrix x({n, m});
  tn::Rng(seed).fill_normal(x.mut().data(), x.size());
  return x;
}
Matrix along(const Matrix& x, const Matrix& t, double h) {
  return tn::Uninit<double, tn::dyn, tn::dyn>(x.shape()).init_with(
      [&](Index i) { return x.data()[i] + h * t.data()[i]; });
}
/// hvp of f at weights (a, b), in directions (ta, tb), against five-point differences of the gradient.
template <class F> void check_hvp(const F& f) {
  const Matrix a = normal(3, 5, 1), b = normal(5, 4, 2), ta = normal(3, 5, 3), tb = normal(5, 4, 4);
  const auto [ha, hb] = tn::hvp(f, std::tie(a, b), std::tie(ta, tb));
  const double h = 1e-3;
  auto at = [&](int k) { return tn::value_and_grad(f)(along(a, ta, k * h), along(b, tb, k * h)).grad; };
  const auto f2 = at(2), f1 = at(1), b1 = at(-1), b2 = at(-2);
  auto check = [&](const auto& got, const auto& p2, const auto& p1, const auto& m1, const auto& m2) {
    for (Index i = 0; i < got.size(); ++i) {
      const double slope = (8 * (p1.data()[i] - m1.data()[i]) - (p2.data()[i] - m2.data()[i])) / (12 * h);
      CHECK(got.data()[i] == Approx(slope).epsilon(1e-7).margin(1e-8));
    }
  };
  check(ha, std::get<0>(f2), std::get<0>(f1), std::get<0>(b1), std::get<0>(b2));
  check(hb, std::get<1>(f2), std::get<1>(f1), std::get<1>(b1), std::get<1>(b2));
}

/// jvp of f at weights (a, b), in directions (ta, tb), against five-point differences of the value.
template <class F> void check_jvp(const F& f) {
  const Matrix a = normal(3, 5, 1), b = normal(5, 4, 2), ta = normal(3, 5, 3), tb = normal(5, 4, 4);
  const auto [y, dy] = tn::jvp(f, std::tie(a, b), std::tie(ta, tb));
  const double h = 1e-3;
  auto at = [&](int k) -> double { return f(along(a, ta, k * h), along(b, tb, k * h)).item(); };
  CHECK(y.item() == Approx(at(0)));
  CHECK(dy.item() == Approx((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)).epsilon(1e-8));
}

}  // namespace

TEST_CASE("jvp: through an MLP with softmax cross-entropy", "[autodiff][functional]") {
  const Matrix x = normal(6, 3, 5);
  const tn::Tensor<std::int32_t, 6> labels = {0, 3, 1, 2, 2, 0};
  check_jvp([&](const auto& w1, const auto& w2) { return cross_entropy(matmul(tanh(matmul(x, w1)), w2), labels); });
}
TEST_CASE("hvp: through an MLP with softmax cross-entropy", "[autodiff][functional]") {
  const Matrix x = normal(6, 3, 5);
  const tn::Tensor<std::int32_t, 6> labels = {0, 3, 1, 2, 2, 0};
  check_hvp([&](const auto& w1, const auto& w2) { return cross_entropy(matmul(tanh(matmul(x, w1)), w2), labels); });
}
TEST_CASE("hvp: through an MLP with softmax and log_softmax", "[autodiff][functional]") {
  const Matrix x = normal(6, 3, 5), target = normal(6, 4, 6);
  const tn::Tensor<double, 5> bias = {0.1, -0.2, 0.3, 0.4, -0.5};
  check_hvp([&](const auto& w1, const auto& w2) {
    auto y = matmul(tanh(matmul(x, w1) + bias), w2);
    return -mean(log_softmax(y, tn::axis<1>) * softmax(target * y, tn::axis<0>));
  });
}
