// mean(x), mean(x, axis<...>)
#pragma once

#include "tenon/tensor/reduce.hpp"

namespace tenon::inline TENON_ABI {

/// Mean over all dimensions, or those named: mean(x), mean(x, axis<0>), mean(x, axis<0, -1>, keep_dims).
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims
/// Dtype:      that of x; float for the 16-bit types; integers and bool do not compile
/// Derivative: 1 / n for each of the n elements
/// Accuracy:   as sum, then one division
/// Empty:      NaN
struct Mean {
  static constexpr std::string_view name = "mean";
  static constexpr int states = 1;
  static constexpr auto derivative_reads = Reads::nothing;
  static constexpr bool floating_only = true;
  template <class C> using dtype = C;
  template <class C> static constexpr C neutral() { return C(0); }
  template <class R> static void start(R* s) { s[0] = R(0); }
  template <class R> static void add(R* s, R x) { s[0] = s[0] + x; }
  template <class R> static void merge(R* s, const R* o) { s[0] = s[0] + o[0]; }
  template <class C> static C finish(const C* s, Index n) { return s[0] / C(n); }
  template <class C> static C share(Index n) { return C(1) / C(n); }
  template <class R> static R pull(R dy, R, R, R share) { return dy * share; }
};
template <tensor_like X, class... Options> auto mean(X&& x, Options... options) {
  return reduce<Mean>(std::forward<X>(x), options...);
}

}  // namespace tenon::inline TENON_ABI
