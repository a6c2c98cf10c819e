// min(x), min(x, axis<...>)
#pragma once

#include "tenon/op/minimum.hpp"
#include "tenon/tensor/reduce.hpp"

namespace tenon::inline TENON_ABI {

/// The smallest element over all dimensions, or those named: min(x), min(x, axis<0>), min(x, axis<0, -1>, keep_dims).
/// NaN if one is NaN. The smaller of two tensors, elementwise, is minimum(x, y).
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims
/// Dtype:      that of x; float for the 16-bit types
/// Derivative: 1 / k for each of the k elements equal to the result (NaN equals NaN here), else 0
/// Accuracy:   exact
/// Throws:     ShapeError when there are no elements to choose from
struct Min {
  static constexpr std::string_view name = "min";
  static constexpr int states = 1;
  static constexpr auto derivative_reads = Reads::both;
  static constexpr bool counts_ties = true, empty_is_error = true;
  template <class C> using dtype = C;
  template <class C> static constexpr C neutral() { return fused::highest<C>(); }
  template <class R> static void start(R* s) { s[0] = fused::highest<R>(); }
  template <class R> static void add(R* s, R x) {
    using simd::minimum;
    s[0] = minimum(s[0], x);
  }
  template <class R> static void merge(R* s, const R* o) { add(s, o[0]); }
  template <class C> static C finish(const C* s, Index) { return s[0]; }
  template <class R> static R pull(R dy, R x, R y, R share) {
    return select(either(x == y, x != x), dy * share, R(0));  // where an element is NaN, so is y
  }
};
template <tensor_like X, class... Options> auto min(X&& x, Options... options) {
  return reduce<Min>(std::forward<X>(x), options...);
}

}  // namespace tenon::inline TENON_ABI
