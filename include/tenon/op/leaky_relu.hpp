// leaky_relu(x, slope)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = x where x > 0, else slope x. slope is a number (0.01 when not given, as PyTorch), or a tensor that learns.
/// Shapes:     x and slope broadcast
/// Derivative: dz/dx = 1 where x > 0, else slope; dz/dslope = 0 where x > 0, else x
/// Accuracy:   correctly rounded
/// Throws:     ShapeError when run-time shapes do not broadcast; an integer tensor does not compile
struct LeakyRelu {
  static constexpr std::string_view name = "leaky_relu";
  template <int J> static constexpr Reads partial_reads = J == 0 ? Reads::inputs : Reads::first;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x, X slope) { return select(x > X(0), x, slope * x); }
  template <int J, class D, class X, class Z> static D pull(D dz, X x, X slope, Z) {
    if constexpr (J == 0) return select(x > X(0), dz, dz * slope);
    else return select(x > X(0), D(0), dz * x);
  }
};
template <class X, class S = double>
requires operands<X, S> || dual_operands<X, S>
auto leaky_relu(X&& x, S&& slope = S(0.01)) { return apply<LeakyRelu>(std::forward<X>(x), std::forward<S>(slope)); }

}  // namespace tenon::inline TENON_ABI
