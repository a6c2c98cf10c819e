// x > y
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = x > y, elementwise: a bool tensor. False where either is NaN.
/// Shapes:     x and y broadcast
/// Derivative: none, z is data
/// Throws:     ShapeError when run-time shapes do not broadcast; two dtypes do not compile
struct Greater {
  static constexpr std::string_view name = "greater";
  static constexpr auto derivative = Derivative::none;
  template <class A, class B> using dtype = bool;
  template <class X> static auto value(X x, X y) { return x > y; }
};
template <class X, class Y>
requires operands<X, Y>
auto operator>(X&& x, Y&& y) { return apply<Greater>(std::forward<X>(x), std::forward<Y>(y)); }

}  // namespace tenon::inline TENON_ABI
