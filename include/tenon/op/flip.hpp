// flip(x, axis<0>)
#pragma once

#include "tenon/op/slice.hpp"
#include "tenon/tensor/reduce.hpp"

namespace tenon::inline TENON_ABI {

/// x with the elements along an axis in reverse order: flip(x, axis<0>) has the last row first. As slice, of which it is
/// a case: a copy, and a gradient that flows back in reverse.
/// Shapes: those of x; the extent along the axis becomes a run-time one
template <tensor_like X, int D> auto flip(X&& x, Axis<D>) {
  constexpr int rank = shape_of_t<X>::rank;
  static_assert(D < rank && D >= -rank, "tenon::flip: the axis is outside the tensor's rank");
  constexpr auto before = static_cast<std::size_t>(D < 0 ? D + rank : D);
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return slice(std::forward<X>(x), (static_cast<void>(I), all)..., range(-1, Range::open, -1));
  }
  (std::make_index_sequence<before>{});
}

}  // namespace tenon::inline TENON_ABI
