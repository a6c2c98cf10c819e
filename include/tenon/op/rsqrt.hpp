// rsqrt(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = 1 / sqrt(x), elementwise.
/// Shapes:     y has the shape of x
/// Derivative: dy/dx = -y^3 / 2
/// Accuracy:   1.5 ulp
/// Throws:     nothing; infinite at 0, NaN below; an integer tensor does not compile
struct Rsqrt {
  static constexpr std::string_view name = "rsqrt";
  static constexpr auto derivative_reads = Reads::output;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x) {
    using simd::rsqrt;
    return rsqrt(x);
  }
  template <int, class X, class Y> static Y partial(X, Y y) { return Y(-0.5) * y * y * y; }
};
template <class X>
requires operands<X> || dual_operands<X>
auto rsqrt(X&& x) { return apply<Rsqrt>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
