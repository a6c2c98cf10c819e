// clamp(x, low, high)
#pragma once

#include "tenon/op/maximum.hpp"
#include "tenon/op/minimum.hpp"

namespace tenon::inline TENON_ABI {

/// z = x, but low where x < low and high where x > high; high where low > high; NaN stays NaN. Each bound is a
/// number or a tensor; for one bound alone use maximum or minimum.
/// Shapes:     x, low and high broadcast
/// Derivative: dz/dx = 1 where low <= x <= high, else (and at NaN) 0; dz/dlow and dz/dhigh = 1 where it is taken
/// Accuracy:   exact
/// Throws:     ShapeError when run-time shapes do not broadcast; two dtypes do not compile
struct Clamp {
  static constexpr std::string_view name = "clamp";
  static constexpr auto derivative_reads = Reads::inputs;
  template <class X> static X value(X x, X low, X high) {
    using simd::maximum, simd::minimum;
    return minimum(maximum(x, low), high);
  }
  template <int J, class D, class X, class Z> static D pull(D dz, X x, X low, X high, Z) {
    if constexpr (J == 0) return select(both(low <= x, x <= high), dz, D(0));
    else if constexpr (J == 1) return select(both(x < low, low <= high), dz, D(0));
    else return select(either(x > high, low > high), dz, D(0));
  }
};
template <class X, class L, class H>
requires operands<X, L, H> || dual_operands<X, L, H>
auto clamp(X&& x, L&& low, H&& high) {
  return apply<Clamp>(std::forward<X>(x), std::forward<L>(low), std::forward<H>(high));
}

}  // namespace tenon::inline TENON_ABI
