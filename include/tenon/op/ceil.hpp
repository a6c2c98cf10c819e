// ceil(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = the smallest integer not below x, elementwise.
/// Shapes:     y has the shape of x
/// Derivative: zero
/// Accuracy:   exact
/// Throws:     nothing; an integer tensor does not compile
struct Ceil {
  static constexpr std::string_view name = "ceil";
  static constexpr auto derivative = Derivative::zero;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::ceil;
    return ceil(x);
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto ceil(X&& x) { return apply<Ceil>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
