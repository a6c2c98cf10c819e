// gelu_tanh(x)
#pragma once

#include "tenon/op/sigmoid.hpp"

namespace tenon::inline TENON_ABI {

/// y = x (1 + tanh(u)) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3): gelu(x) to 5e-4, at the price of one exp.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = s + x s (1 - s) 2 du/dx with s = (1 + tanh(u)) / 2 = sigmoid(2 u)
/// Accuracy:   2e-6 (float), 4e-15 (double) relative where |x| < 3; the error grows as u^2 below.
///             1.7e-7 max(1, |x|) in float everywhere
/// Throws:     nothing; NaN at -inf; an integer tensor does not compile
/// Source:     Hendrycks and Gimpel, Gaussian error linear units, arXiv 1606.08415
struct GeluTanh {
  static constexpr std::string_view name = "gelu_tanh";
  static constexpr auto derivative_reads = Reads::inputs;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) { return x * share(x, x * x); }
  template <int, class X, class Y> static Y partial(X x, Y) {
    const X x2 = x * x, s = share(x, x2);
    return s + x * s * (X(1) - s) * (X(slope) + X(3 * slope * cubic) * x2);
  }

 private:
  static constexpr double slope = 1.59576912160573071176, cubic = 0.044715;  // 2 sqrt(2 / pi)
  template <class X> static X share(X x, X x2) {
    using simd::sigmoid;
    return sigmoid(x * (X(slope) + X(slope * cubic) * x2));
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto gelu_tanh(X&& x) { return apply<GeluTanh>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
