// tan(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = tan(x), x in radians, elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = 1 + y^2
/// Accuracy:   1.8 ulp against long double where |x| <= 1e4 (float), 1e5 (double), that of std beyond
/// Throws:     nothing; NaN at infinities; an integer tensor does not compile
struct Tan {
  static constexpr std::string_view name = "tan";
  static constexpr auto derivative_reads = Reads::output;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::tan;
    return tan(x);
  }
  template <int, class X, class Y> static Y partial(X, Y y) { return Y(1) + y * y; }
};
template <class X>
requires operands<X> || dual_operands<X>
auto tan(X&& x) { return apply<Tan>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
