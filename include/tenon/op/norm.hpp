// norm(x), norm(x, axis<...>)
#pragma once

#include "tenon/op/sqrt.hpp"
#include "tenon/tensor/reduce.hpp"

namespace tenon::inline TENON_ABI {

/// Euclidean norm, sqrt(sum(square(x))), over all dimensions, or those named. Squares overflow above 1e19 (float).
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims
/// Dtype:      that of x; float for the 16-bit types; integers and bool do not compile
/// Derivative: x / y for each element, 0 where y = 0
/// Accuracy:   as sum, then 1 ulp
/// Empty:      0
struct Norm {
  static constexpr std::string_view name = "norm";
  static constexpr int states = 1;
  static constexpr auto derivative_reads = Reads::both;
  static constexpr bool floating_only = true;
  template <class C> using dtype = C;
  template <class C> static constexpr C neutral() { return C(0); }
  template <class R> static void start(R* s) { s[0] = R(0); }
  template <class R> static void add(R* s, R x) { s[0] = s[0] + x * x; }
  template <class R> static void merge(R* s, const R* o) { s[0] = s[0] + o[0]; }
  template <class C> static C finish(const C* s, Index) {
    using std::sqrt;
    return select(s[0] == C(0), C(0), sqrt(s[0]));  // a dual's tangent is 0 there, not NaN
  }
  template <class C> static C share(Index) { return C(1); }
  template <class R> static R pull(R dy, R x, R y, R) { return select(y == R(0), R(0), dy * (x / y)); }
};
template <tensor_like X, class... Options> auto norm(X&& x, Options... options) {
  return reduce<Norm>(std::forward<X>(x), options...);
}

}  // namespace tenon::inline TENON_ABI
