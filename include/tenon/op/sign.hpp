// sign(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = 1 where x > 0, -1 where x < 0, x itself at 0 and NaN.
/// Shapes:     y has the shape of x
/// Derivative: zero
/// Accuracy:   exact
/// Throws:     nothing
struct Sign {
  static constexpr std::string_view name = "sign";
  static constexpr auto derivative = Derivative::zero;
  template <class X> static X value(X x) {
    using simd::sign;
    return sign(x);
  }
};
template <class X>
requires operands<X> || dual_operands<X>
auto sign(X&& x) { return apply<Sign>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
