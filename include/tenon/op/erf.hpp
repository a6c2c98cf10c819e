// erf(x)
#pragma once

#include "tenon/op/exp.hpp"

namespace tenon::inline TENON_ABI {

/// y = erf(x), the error function, elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = 2 / sqrt(pi) exp(-x^2)
/// Accuracy:   1.7 ulp against long double, float and double; tests/simd/math_test.cpp measures it
/// Throws:     nothing; an integer tensor does not compile
struct Erf {
  static constexpr std::string_view name = "erf";
  static constexpr auto derivative_reads = Reads::inputs;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::erf;
    return erf(x);
  }
  template <int, class X, class Y> static Y partial(X x, Y) {
    using std::exp;
    constexpr double two_over_sqrt_pi = 1.12837916709551257390;
    return X(two_over_sqrt_pi) * exp(-(x * x));
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto erf(X&& x) { return apply<Erf>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
