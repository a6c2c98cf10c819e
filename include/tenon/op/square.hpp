// square(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = x^2, elementwise. Unlike x * x it reads a temporary's formula once.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = 2 x
/// Accuracy:   correctly rounded; integers wrap round on overflow
/// Throws:     nothing
struct Square {
  static constexpr std::string_view name = "square";
  static constexpr auto derivative_reads = Reads::inputs;
  template <class X> static X value(X x) {
    using W = rule::wrapping_t<X>;
    return static_cast<X>(static_cast<W>(x) * static_cast<W>(x));
  }
  template <int, class X, class Y> static Y partial(X x, Y) { return x + x; }
};
template <class X>
requires operands<X> || dual_operands<X>
auto square(X&& x) { return apply<Square>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
