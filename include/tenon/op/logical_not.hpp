// !x, logical_not(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = not x, elementwise, on a bool tensor.
/// Shapes:     y has the shape of x
/// Derivative: none, y is data
/// Throws:     nothing; what is not bool does not compile
struct LogicalNot {
  static constexpr std::string_view name = "logical_not";
  static constexpr auto derivative = Derivative::none;
  static constexpr bool bool_only = true;
  template <class X> static X value(X x) { return !x; }
};
template <class X>
requires operands<X>
auto operator!(X&& x) { return apply<LogicalNot>(std::forward<X>(x)); }
template <class X>
requires operands<X>
auto logical_not(X&& x) { return apply<LogicalNot>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
