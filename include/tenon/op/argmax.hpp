// argmax(x), argmax(x, axis<...>)
#pragma once

#include "tenon/op/index_of.hpp"

namespace tenon::inline TENON_ABI {

/// Where the largest element is: its index over all dimensions, or over those named, counted together in row-major
/// order. The first of several; the first NaN when there is one.
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims: argmax(x, axis<1>, keep_dims)
/// Dtype:      int64
/// Derivative: none: the result is data and drops out of the tape
/// Throws:     ShapeError when there is nothing to choose from: the folded dimensions hold no elements
struct Largest {
  static constexpr std::string_view name = "argmax";
  static constexpr bool largest = true;
  template <class C> static bool better(C x, C best) { return x > best || (x != x && best == best); }
};
template <tensor_like X, class... Options> auto argmax(X&& x, Options... options) {
  return detail::index_of<Largest>(std::forward<X>(x), options...);
}

}  // namespace tenon::inline TENON_ABI
