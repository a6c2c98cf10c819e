// floor(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = the largest integer not above x, elementwise.
/// Shapes:     y has the shape of x
/// Derivative: zero
/// Accuracy:   exact
/// Throws:     nothing; an integer tensor does not compile
struct Floor {
  static constexpr std::string_view name = "floor";
  static constexpr auto derivative = Derivative::zero;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::floor;
    return floor(x);
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto floor(X&& x) { return apply<Floor>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
