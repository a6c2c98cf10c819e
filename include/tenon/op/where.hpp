// where(mask, x, y)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// z = x where mask is true, else y, elementwise: where(x > 0, x, 0). x or y may be numbers.
/// Shapes:     mask, x and y broadcast
/// Derivative: 1 for the one taken, 0 for the other, whatever it is: no 0 * inf of a branch not taken appears
/// Accuracy:   exact
/// Throws:     ShapeError when run-time shapes do not broadcast; two dtypes, or a mask that is not bool, do not compile
struct Where {
  static constexpr std::string_view name = "where";
  static constexpr auto derivative_reads = Reads::first;
  static constexpr bool takes_mask = true;
  template <class M, class A, class B> using dtype = common_dtype_t<A, B>;
  template <class M, class X> static X value(M mask, X x, X y) { return select(mask, x, y); }
  template <int J, class D, class M, class X, class Z> static D pull(D dz, M mask, X, X, Z) {
    return J == 1 ? select(mask, dz, D(0)) : select(mask, D(0), dz);
  }
};
template <class M, class X, class Y>
requires operands<M, X, Y>
auto where(M&& mask, X&& x, Y&& y) {
  return apply<Where>(std::forward<M>(mask), std::forward<X>(x), std::forward<Y>(y));
}

}  // namespace tenon::inline TENON_ABI
