// Forward mode: the same expressions on tensors whose elements are duals.
#include "tenon/op/add.hpp"
#include "tenon/op/greater.hpp"
#include "tenon/op/logsumexp.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/op/where.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {
using D = tn::Dual<double>;
tn::Tensor<D, tn::dyn> ramp(Index n) {
  tn::Tensor<D, tn::dyn> x({n});
  auto w = x.mut();
  for (Index i = 0; i < n; ++i) w(i) = D(0.1 * static_cast<double>(i) - 0.7, i % 2 ? 1 : -0.5);
  return x;
}
}  // namespace

TEST_CASE("dual: values and tangents of a fused expression, numbers among them", "[tensor][dual]") {
  for (const Index n : {1, 3, 8, 17}) {
    const auto x = ramp(n);
    const tn::Tensor y = tanh(2 * x + 1) * x;
    for (Index i = 0; i < n; ++i) {
      const double v = x(i).value, t = std::tanh(2 * v + 1);
      CHECK(y(i).value == Approx(t * v));
      CHECK(y(i).tangent == Approx((t + 2 * (1 - t * t) * v) * x(i).tangent));
    }
  }
}
TEST_CASE("dual: a mask is data, both branches carry tangents", "[tensor][dual]") {
  const auto x = ramp(17);
  const tn::Tensor y = where(x > 0, x * x, -1);
  for (Index i = 0; i < 17; ++i) CHECK(y(i).tangent == Approx(x(i).value > 0 ? 2 * x(i).value * x(i).tangent : 0));
}
TEST_CASE("dual: reductions", "[tensor][dual]") {
  const auto x = ramp(17);
  double sum_tangent = 0, total = 0, weighted = 0;
  for (Index i = 0; i < 17; ++i) {
    sum_tangent += 2 * x(i).value * x(i).tangent;
    total += std::exp(x(i).value);
    weighted += std::exp(x(i).value) * x(i).tangent;
  }
  CHECK(sum(x * x).item().tangent == Approx(sum_tangent));
  CHECK(logsumexp(x).item().tangent == Approx(weighted / total));
  CHECK(max(x).item().tangent == x(16).tangent);
}
TEST_CASE("dual: of duals, in the lanes of the inner number", "[tensor][dual]") {
  tn::Tensor<tn::Dual<tn::Dual<float>>, 3> x;
  {
    auto w = x.mut();
    for (Index i = 0; i < 3; ++i) w(i) = {tn::Dual<float>(static_cast<float>(i), 1), tn::Dual<float>(1, 0)};
  }
  const tn::Tensor y = x * x * x;
  for (Index i = 0; i < 3; ++i) CHECK(y(i).tangent.tangent == 6 * static_cast<float>(i));
}
