// x * y
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = x y, elementwise.
/// Shapes:     x and y broadcast
/// Derivative: dz/dx = y, dz/dy = x
/// Accuracy:   correctly rounded
/// Throws:     ShapeError when run-time shapes do not broadcast; two dtypes do not compile
struct Multiply {
  static constexpr std::string_view name = "multiply";
  static constexpr auto derivative_reads = Reads::inputs;
  template <class X>
  static X value(X x, X y) {
    return static_cast<X>(x * y);
  }
  template <int J, class X, class Z>
  static Z partial(X x, X y, Z) {
    return J == 0 ? y : x;
  }
};
template <class X, class Y>
  requires operands<X, Y>
auto operator*(X&& x, Y&& y) {
  return apply<Multiply>(std::forward<X>(x), std::forward<Y>(y));
}

}  // namespace tenon::inline TENON_ABI
