// argmin(x), argmin(x, axis<...>)
#pragma once

#include "tenon/op/index_of.hpp"

namespace tenon::inline TENON_ABI {

/// Where the smallest element is: its index over all dimensions, or over those named, counted together in row-major
/// order. The first of several; the first NaN when there is one.
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims: argmin(x, axis<1>, keep_dims)
/// Dtype:      int64
/// Derivative: none: the result is data and drops out of the tape
/// Throws:     ShapeError when there is nothing to choose from: the folded dimensions hold no elements
struct Smallest {
  static constexpr std::string_view name = "argmin";
  static constexpr bool largest = false;
  template <class C> static bool better(C x, C best) { return x < best || (x != x && best == best); }
};
template <tensor_like X, class... Options> auto argmin(X&& x, Options... options) {
  return detail::index_of<Smallest>(std::forward<X>(x), options...);
}

}  // namespace tenon::inline TENON_ABI
