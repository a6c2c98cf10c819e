// x + y
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = x + y, elementwise.
/// Shapes:     x and y broadcast
/// Derivative: dz/dx = 1, dz/dy = 1
/// Accuracy:   correctly rounded
/// Throws:     ShapeError when run-time shapes do not broadcast; two dtypes do not compile
struct Add {
  static constexpr std::string_view name = "add";
  static constexpr auto derivative_reads = Reads::nothing;
  template <class X>
  static X value(X x, X y) {
    return static_cast<X>(x + y);
  }
  template <int, class X, class Z>
  static Z partial(X, X, Z) {
    return Z(1);
  }
  template <int, class D, class X, class Z>
  static D pull(D dz, X, X, Z) {
    return dz;
  }
};
template <class X, class Y>
  requires operands<X, Y>
auto operator+(X&& x, Y&& y) {
  return apply<Add>(std::forward<X>(x), std::forward<Y>(y));
}

}  // namespace tenon::inline TENON_ABI
