// pow(x, y)
#pragma once

#include "tenon/op/log.hpp"

namespace tenon::inline TENON_ABI {

/// z = x to the y, elementwise; either may be a number. For 2, 0.5 and -0.5 square, sqrt and rsqrt are faster.
/// Shapes:     x and y broadcast
/// Derivative: dz/dx = y x^(y-1), 0 where y = 0; dz/dy = z log(x), 0 where x = 0 and y >= 0
/// Accuracy:   1 ulp
/// Throws:     ShapeError when run-time shapes do not broadcast; an integer tensor does not compile. NaN where x < 0
///             and y is not whole; special values as in std::pow
struct Pow {
  static constexpr std::string_view name = "pow";
  template <int J> static constexpr Reads partial_reads = J == 0 ? Reads::inputs : Reads::both;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x, X y) {
    using std::pow;
    return pow(x, y);
  }
  template <int J, class D, class X, class Z> static D pull(D dz, X x, X y, Z z) {
    if constexpr (J == 0) {
      using std::pow;
      return select(y == X(0), D(0), dz * (y * pow(x, y - X(1))));
    } else {
      using std::log;
      return select(both(x == X(0), y >= X(0)), D(0), dz * (z * log(x)));
    }
  }
};
template <class X, class Y>
requires operands<X, Y> || dual_operands<X, Y>
auto pow(X&& x, Y&& y) { return apply<Pow>(std::forward<X>(x), std::forward<Y>(y)); }

}  // namespace tenon::inline TENON_ABI
