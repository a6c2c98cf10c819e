// all(x), all(x, axis<...>)
#pragma once

#include "tenon/tensor/reduce.hpp"

namespace tenon::inline TENON_ABI {

/// Whether every element of a bool tensor is true, over all dimensions, or those named: all(x > 0, axis<0>).
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims
/// Dtype:      bool; what is not bool does not compile
/// Derivative: none, the result is data
/// Empty:      true
struct AllTrue {
  static constexpr std::string_view name = "all";
  static constexpr int states = 1;
  static constexpr bool bool_only = true;
  template <class C> using dtype = bool;
  template <class C> static constexpr C neutral() { return C(true); }
  template <class R> static void start(R* s) { s[0] = R(true); }
  template <class R> static void add(R* s, R x) { s[0] = static_cast<R>(s[0] & x); }
  template <class R> static void merge(R* s, const R* o) { add(s, o[0]); }
  template <class C> static C finish(const C* s, Index) { return s[0]; }
};
/// What all(x, ...) calls: `all` is an object, because t(all, 0) is a slice.
template <tensor_like X, class... Options> auto reduce_all(X&& x, Options... options) {
  return reduce<AllTrue>(std::forward<X>(x), options...);
}

}  // namespace tenon::inline TENON_ABI
