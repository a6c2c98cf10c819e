// -x
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = -x, elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = -1
/// Accuracy:   exact; integers wrap round
/// Throws:     nothing
struct Negative {
  static constexpr std::string_view name = "negative";
  static constexpr auto derivative_reads = Reads::nothing;
  template <class X> static X value(X x) { return static_cast<X>(-static_cast<rule::wrapping_t<X>>(x)); }
  template <int, class D, class X, class Y> static D pull(D dy, X, Y) { return -dy; }
};
template <class X>
requires operands<X>
auto operator-(X&& x) { return apply<Negative>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
