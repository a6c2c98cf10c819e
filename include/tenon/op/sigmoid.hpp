// sigmoid(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = 1 / (1 + exp(-x)), elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = y (1 - y)
/// Accuracy:   2 ulp against long double, float and double; tests/simd/math_test.cpp measures it
/// Throws:     nothing; an integer tensor does not compile
struct Sigmoid {
  static constexpr std::string_view name = "sigmoid";
  static constexpr auto derivative_reads = Reads::output;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using simd::sigmoid;
    return sigmoid(x);
  }
  template <int, class X, class Y> static Y partial(X, Y y) { return y * (Y(1) - y); }
};
template <class X>
requires operands<X> || dual_operands<X>
auto sigmoid(X&& x) { return apply<Sigmoid>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
