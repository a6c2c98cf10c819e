// x + y
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = x + y, elementwise.
/// Shapes:     x and y broadcast
/// Derivative: dz/dx = 1, dz/dy = 1
/// Accuracy:   correctly rounded; integers wrap round on overflow
/// Throws:     ShapeError when run-time shapes do not broadcast; two dtypes do not compile
struct Add {
  static constexpr std::string_view name = "add";
  static constexpr auto derivative_reads = Reads::nothing;
  static constexpr bool keeps_order = true;
  template <class X> static X value(X x, X y) {
    using W = rule::wrapping_t<X>;
    return static_cast<X>(static_cast<W>(x) + static_cast<W>(y));
  }
  template <int, class D, class X, class Z> static D pull(D dz, X, X, Z) { return dz; }
};
template <class X, class Y>
requires operands<X, Y>
auto operator+(X&& x, Y&& y) { return apply<Add>(std::forward<X>(x), std::forward<Y>(y)); }

}  // namespace tenon::inline TENON_ABI
