// any(x), any(x, axis<...>)
#pragma once

#include "tenon/tensor/reduce.hpp"

namespace tenon::inline TENON_ABI {

/// Whether an element of a bool tensor is true, over all dimensions, or those named: any(x > 0, axis<0>).
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims
/// Dtype:      bool; what is not bool does not compile
/// Derivative: none, the result is data
/// Empty:      false
struct AnyTrue {
  static constexpr std::string_view name = "any";
  static constexpr int states = 1;
  static constexpr bool bool_only = true;
  template <class C> using dtype = bool;
  template <class C> static constexpr C neutral() { return C(false); }
  template <class R> static void start(R* s) { s[0] = R(false); }
  template <class R> static void add(R* s, R x) { s[0] = static_cast<R>(s[0] | x); }
  template <class R> static void merge(R* s, const R* o) { add(s, o[0]); }
  template <class C> static C finish(const C* s, Index) { return s[0]; }
};
template <tensor_like X, class... Options> auto any(X&& x, Options... options) {
  return reduce<AnyTrue>(std::forward<X>(x), options...);
}

}  // namespace tenon::inline TENON_ABI
