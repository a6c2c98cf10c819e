// round(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = the integer nearest to x, elementwise; halves go to the even one, as in NumPy: round(2.5) is 2.
/// Shapes:     y has the shape of x
/// Derivative: zero
/// Accuracy:   exact
/// Throws:     nothing; an integer tensor does not compile
struct Round {
  static constexpr std::string_view name = "round";
  static constexpr auto derivative = Derivative::zero;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::nearbyint;
    return nearbyint(x);
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto round(X&& x) { return apply<Round>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
