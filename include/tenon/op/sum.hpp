// sum(x), sum(x, axis<...>)
#pragma once

#include "tenon/tensor/reduce.hpp"

namespace tenon::inline TENON_ABI {

/// Sum over all dimensions, or those named: sum(x), sum(x, axis<0>), sum(x, axis<0, -1>, keep_dims).
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims
/// Dtype:      that of x; int64 for integers and bool (overflow wraps round, as NumPy), float for the 16-bit types
/// Derivative: 1 for each element
/// Accuracy:   pairwise over blocks: error below 4e-6 sum |x| for 16M floats
/// Empty:      0
struct Sum {
  static constexpr std::string_view name = "sum";
  static constexpr int states = 1;
  static constexpr auto derivative_reads = Reads::nothing;
  template <class C> using dtype = accumulate_t<C>;
  template <class C> static constexpr C neutral() { return C(0); }
  template <class R> static void start(R* s) { s[0] = R(0); }
  template <class R> static void add(R* s, R x) {
    using W = rule::wrapping_t<R>;
    s[0] = static_cast<R>(static_cast<W>(s[0]) + static_cast<W>(x));
  }
  template <class R> static void merge(R* s, const R* o) { add(s, o[0]); }
  template <class C> static C finish(const C* s, Index) { return s[0]; }
  template <class C> static C share(Index) { return C(1); }
  template <class R> static R pull(R dy, R, R, R) { return dy; }
};
template <tensor_like X, class... Options> auto sum(X&& x, Options... options) {
  return reduce<Sum>(std::forward<X>(x), options...);
}

}  // namespace tenon::inline TENON_ABI
