// log1p(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = log(1 + x), elementwise, accurate near 0 as well.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = 1 / (1 + x)
/// Accuracy:   1.6 ulp against long double, float and double; tests/simd/math_test.cpp measures it
/// Throws:     nothing; -inf at -1, NaN below; an integer tensor does not compile
struct Log1p {
  static constexpr std::string_view name = "log1p";
  static constexpr auto derivative_reads = Reads::inputs;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::log1p;
    return log1p(x);
  }
  template <int, class D, class X, class Y> static D pull(D dy, X x, Y) { return dy / (X(1) + x); }
};
template <class X>
requires operands<X> || dual_operands<X>
auto log1p(X&& x) { return apply<Log1p>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
