// maximum(x, y)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = the larger of x and y, elementwise; NaN if either is NaN. The largest of all elements is max(x).
/// Shapes:     x and y broadcast
/// Derivative: 1 for the one chosen, 1/2 for each where they are equal; 1 for both where one is NaN, as in PyTorch
/// Accuracy:   exact
/// Throws:     ShapeError when run-time shapes do not broadcast; two dtypes do not compile
struct Maximum {
  static constexpr std::string_view name = "maximum";
  static constexpr auto derivative_reads = Reads::inputs;
  template <class X> static X value(X x, X y) {
    using simd::maximum;
    return maximum(x, y);
  }
  template <int J, class D, class X, class Z> static D pull(D dz, X x, X y, Z) {
    const auto loses = J == 0 ? x < y : y < x;
    return select(x == y, D(0.5) * dz, select(loses, D(0), dz));
  }
};
template <class X, class Y>
requires operands<X, Y> || dual_operands<X, Y>
auto maximum(X&& x, Y&& y) { return apply<Maximum>(std::forward<X>(x), std::forward<Y>(y)); }

}  // namespace tenon::inline TENON_ABI
