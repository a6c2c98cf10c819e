// x * y
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = x y, elementwise.
/// Shapes:     x and y broadcast
/// Derivative: dz/dx = y, dz/dy = x
/// Accuracy:   correctly rounded; integers wrap round on overflow
/// Throws:     ShapeError when run-time shapes do not broadcast; two dtypes do not compile
struct Multiply {
  static constexpr std::string_view name = "multiply";
  template <int J>
  static constexpr Reads partial_reads = J == 0 ? Reads::second : Reads::first;  // so `2 * x` keeps no x
  template <class X> static X value(X x, X y) {
    using W = rule::wrapping_t<X>;
    return static_cast<X>(static_cast<W>(x) * static_cast<W>(y));
  }
  template <int J, class X, class Z> static Z partial(X x, X y, Z) { return J == 0 ? y : x; }
};
template <class X, class Y>
requires operands<X, Y>
auto operator*(X&& x, Y&& y) { return apply<Multiply>(std::forward<X>(x), std::forward<Y>(y)); }

}  // namespace tenon::inline TENON_ABI
