// exp(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = exp(x), elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = y
/// Accuracy:   1.3 ulp against long double, float and double; tests/simd/math_test.cpp measures it
/// Throws:     nothing; an integer tensor does not compile
struct Exp {
  static constexpr std::string_view name = "exp";
  static constexpr auto derivative_reads = Reads::output;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::exp;
    return exp(x);
  }
  template <int, class X, class Y> static Y partial(X, Y y) { return y; }
};
template <class X>
requires operands<X> || dual_operands<X>
auto exp(X&& x) { return apply<Exp>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
