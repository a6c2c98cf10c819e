// silu(x)
#pragma once

#include "tenon/op/sigmoid.hpp"

namespace tenon::inline TENON_ABI {

/// y = x sigmoid(x), elementwise; also called swish.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = s + x s (1 - s) with s = sigmoid(x)
/// Accuracy:   3 ulp; 1.5e-7 max(1, |x|) in float
/// Throws:     nothing; NaN at -inf, as in PyTorch; an integer tensor does not compile
struct Silu {
  static constexpr std::string_view name = "silu";
  static constexpr auto derivative_reads = Reads::inputs;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using simd::sigmoid;
    return x * sigmoid(x);
  }
  template <int, class X, class Y> static Y partial(X x, Y) {
    using simd::sigmoid;
    const X s = sigmoid(x);
    return s + x * s * (X(1) - s);
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto silu(X&& x) { return apply<Silu>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
