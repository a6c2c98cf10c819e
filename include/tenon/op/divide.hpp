// x / y
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = x / y, elementwise.
/// Shapes:     x and y broadcast
/// Dtype:      that of x and y; float for integers and bool, whose quotient is rarely whole
/// Derivative: dz/dx = 1 / y, dz/dy = -z / y
/// Accuracy:   correctly rounded
/// Throws:     ShapeError when run-time shapes do not broadcast; two dtypes do not compile; x / 0 is infinite or NaN
struct Divide {
  static constexpr std::string_view name = "divide";
  template <int J> static constexpr Reads partial_reads = J == 0 ? Reads::second : Reads::second | Reads::output;
  static constexpr auto cost = Cost::transcendental;
  template <class A, class B> using dtype = std::conditional_t<std::is_integral_v<A>, float, common_dtype_t<A, B>>;
  template <class X> static auto value(X x, X y) {
    if constexpr (std::is_integral_v<X>) return static_cast<float>(x) / static_cast<float>(y);
    else return x / y;
  }
  template <int J, class D, class X, class Z> static D pull(D dz, X, X y, Z z) {
    const D q = dz / y;
    return J == 0 ? q : -(q * z);
  }
};
template <class X, class Y>
requires operands<X, Y>
auto operator/(X&& x, Y&& y) { return apply<Divide>(std::forward<X>(x), std::forward<Y>(y)); }

}  // namespace tenon::inline TENON_ABI
