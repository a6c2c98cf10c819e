// tanh(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = tanh(x), elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = 1 - y^2
/// Accuracy:   1.75 ulp (float), 1.9 ulp (double) against long double; tests/simd/math_test.cpp measures it
/// Throws:     nothing; an integer tensor does not compile
struct Tanh {
  static constexpr std::string_view name = "tanh";
  static constexpr auto derivative_reads = Reads::output;  // so the loop saves y, not x
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> TENON_ALWAYS_INLINE static X value(X x) {
    using std::tanh;
    return tanh(x);
  }
  template <int, class X, class Y> static Y partial(X, Y y) { return Y(1) - y * y; }
};
template <class X>
requires operands<X> || dual_operands<X>
auto tanh(X&& x) { return apply<Tanh>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
