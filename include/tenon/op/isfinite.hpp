// isfinite(x)
#pragma once

#include <cmath>

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = whether x is neither NaN nor infinite, elementwise: a bool tensor.
/// Shapes:     y has the shape of x
/// Derivative: none, y is data
/// Throws:     nothing; an integer tensor does not compile
struct IsFinite {
  static constexpr std::string_view name = "isfinite";
  static constexpr auto derivative = Derivative::none;
  static constexpr bool floating_only = true;
  template <class A> using dtype = bool;
  template <class X> static auto value(X x) {
    using std::abs;
    return abs(x) < X(HUGE_VALF);
  }
};
template <class X>
requires operands<X>
auto isfinite(X&& x) { return apply<IsFinite>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
