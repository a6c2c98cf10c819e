// x | y, logical_or(x, y)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = x or y, elementwise, on bool tensors.
/// Shapes:     x and y broadcast
/// Derivative: none, z is data
/// Throws:     ShapeError when run-time shapes do not broadcast; what is not bool does not compile
struct LogicalOr {
  static constexpr std::string_view name = "logical_or";
  static constexpr auto derivative = Derivative::none;
  static constexpr bool bool_only = true;
  template <class X> static X value(X x, X y) { return static_cast<X>(x | y); }
};
template <class X, class Y>
requires operands<X, Y>
auto operator|(X&& x, Y&& y) { return apply<LogicalOr>(std::forward<X>(x), std::forward<Y>(y)); }
template <class X, class Y>
requires operands<X, Y>
auto logical_or(X&& x, Y&& y) { return apply<LogicalOr>(std::forward<X>(x), std::forward<Y>(y)); }

}  // namespace tenon::inline TENON_ABI
