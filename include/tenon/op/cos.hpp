// cos(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = cos(x), x in radians, elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = -sin(x)
/// Accuracy:   1.4 ulp (float), 1.9 (double) where |x| <= 1e4 (float), 1e5 (double), that of std beyond
/// Throws:     nothing; NaN at infinities; an integer tensor does not compile
struct Cos {
  static constexpr std::string_view name = "cos";
  static constexpr auto derivative_reads = Reads::inputs;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::cos;
    return cos(x);
  }
  template <int, class X, class Y> static Y partial(X x, Y) {
    using std::sin;
    return -sin(x);
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto cos(X&& x) { return apply<Cos>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI

#include "tenon/op/sin.hpp"  // at the end: each is the other's derivative
