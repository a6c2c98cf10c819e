// expm1(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = exp(x) - 1, elementwise, accurate near 0 as well.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = y + 1
/// Accuracy:   1.7 ulp against long double, float and double; tests/simd/math_test.cpp measures it
/// Throws:     nothing; an integer tensor does not compile
struct Expm1 {
  static constexpr std::string_view name = "expm1";
  static constexpr auto derivative_reads = Reads::output;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::expm1;
    return expm1(x);
  }
  template <int, class X, class Y> static Y partial(X, Y y) { return y + Y(1); }
};
template <class X>
requires operands<X> || dual_operands<X>
auto expm1(X&& x) { return apply<Expm1>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
