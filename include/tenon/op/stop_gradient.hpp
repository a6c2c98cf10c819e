// stop_gradient(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = x, a constant to backward and to forward mode.
/// Shapes:     y has the shape of x
/// Derivative: zero
/// Throws:     nothing
struct StopGradient {
  static constexpr std::string_view name = "stop_gradient";
  static constexpr auto derivative = Derivative::zero;
  template <class X> static X value(X x) { return x; }
};
template <class X>
requires operands<X> || dual_operands<X>
auto stop_gradient(X&& x) { return apply<StopGradient>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
