// gelu(x)
#pragma once

#include "tenon/op/erf.hpp"
#include "tenon/op/exp.hpp"

namespace tenon::inline TENON_ABI {

/// y = x P(x), P(x) = (1 + erf(x / sqrt 2)) / 2 the normal distribution function. gelu_tanh(x) approximates it.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = P(x) + x exp(-x^2 / 2) / sqrt(2 pi)
/// Accuracy:   1 ulp of x, 1.1e-7 max(1, |x|) in float: 1 + erf cancels where x is very negative
/// Throws:     nothing; NaN at -inf, as in PyTorch; an integer tensor does not compile
/// Source:     Hendrycks and Gimpel, Gaussian error linear units, arXiv 1606.08415
struct Gelu {
  static constexpr std::string_view name = "gelu";
  static constexpr auto derivative_reads = Reads::inputs;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) { return x * distribution(x); }
  template <int, class X, class Y> static Y partial(X x, Y) {
    using std::exp;
    constexpr double one_over_sqrt_2pi = 0.398942280401432677940;
    return distribution(x) + x * exp(X(-0.5) * x * x) * X(one_over_sqrt_2pi);
  }

 private:
  template <class X> static X distribution(X x) {
    using std::erf;
    constexpr double one_over_sqrt_2 = 0.707106781186547524401;
    return X(0.5) + X(0.5) * erf(x * X(one_over_sqrt_2));
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto gelu(X&& x) { return apply<Gelu>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
