// softplus(x)
#pragma once

#include "tenon/op/expm1.hpp"

namespace tenon::inline TENON_ABI {

/// y = log(1 + exp(x)), elementwise, without overflow in between.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = sigmoid(x) = 1 - exp(-y)
/// Accuracy:   1.8 ulp against long double, float and double; tests/simd/math_test.cpp measures it
/// Throws:     nothing; an integer tensor does not compile
struct Softplus {
  static constexpr std::string_view name = "softplus";
  static constexpr auto derivative_reads = Reads::output;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using simd::softplus;
    return softplus(x);
  }
  template <int, class X, class Y> static Y partial(X, Y y) {
    using std::expm1;
    return -expm1(-y);  // keeps its relative accuracy where y is tiny
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto softplus(X&& x) { return apply<Softplus>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
