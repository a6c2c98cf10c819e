// sqrt(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = sqrt(x), elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = 1 / (2 y), infinite at 0
/// Accuracy:   correctly rounded
/// Throws:     nothing; NaN below 0; an integer tensor does not compile
struct Sqrt {
  static constexpr std::string_view name = "sqrt";
  static constexpr auto derivative_reads = Reads::output;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using std::sqrt;
    return sqrt(x);
  }
  template <int, class D, class X, class Y> static D pull(D dy, X, Y y) { return dy / (y + y); }
};
template <class X>
requires operands<X> || dual_operands<X>
auto sqrt(X&& x) { return apply<Sqrt>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
