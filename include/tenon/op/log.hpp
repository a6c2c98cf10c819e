// log(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = log(x), the natural logarithm, elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = 1 / x
/// Accuracy:   1 ulp against long double, float and double; tests/simd/math_test.cpp measures it
/// Throws:     nothing; -inf at 0, NaN below; an integer tensor does not compile
struct Log {
  static constexpr std::string_view name = "log";
  static constexpr auto derivative_reads = Reads::inputs;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::log;
    return log(x);
  }
  template <int, class D, class X, class Y> static D pull(D dy, X x, Y) { return dy / x; }
};
template <class X>
requires operands<X> || dual_operands<X>
auto log(X&& x) { return apply<Log>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
