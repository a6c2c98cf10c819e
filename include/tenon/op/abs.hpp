// abs(x)
#pragma once

#include "tenon/op/sign.hpp"

namespace tenon::inline TENON_ABI {

/// y = |x|, elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = sign(x), 0 at 0
/// Accuracy:   exact; the lowest integer wraps round to itself
/// Throws:     nothing
struct Abs {
  static constexpr std::string_view name = "abs";
  static constexpr auto derivative_reads = Reads::inputs;
  template <class X> static X value(X x) {
    if constexpr (std::is_integral_v<X>) {
      return x < X(0) ? static_cast<X>(-static_cast<rule::wrapping_t<X>>(x)) : x;
    } else {
      using std::abs;
      return abs(x);
    }
  }
  template <int, class X, class Y> static Y partial(X x, Y) {
    using simd::sign;
    return sign(x);
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto abs(X&& x) { return apply<Abs>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
