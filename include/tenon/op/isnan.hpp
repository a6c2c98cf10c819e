// isnan(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = whether x is NaN, elementwise: a bool tensor.
/// Shapes:     y has the shape of x
/// Derivative: none, y is data
/// Throws:     nothing; an integer tensor does not compile
struct IsNan {
  static constexpr std::string_view name = "isnan";
  static constexpr auto derivative = Derivative::none;
  static constexpr bool floating_only = true;
  template <class A> using dtype = bool;
  template <class X> static auto value(X x) { return x != x; }
};
template <class X>
requires operands<X>
auto isnan(X&& x) { return apply<IsNan>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
