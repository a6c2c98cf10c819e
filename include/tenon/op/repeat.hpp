// repeat(x, 3, axis<0>)
#pragma once

#include "tenon/op/along.hpp"

namespace tenon::inline TENON_ABI {

/// Each element along an axis `times` times, one behind the other: repeat({1, 2}, 2, axis<0>) is {1, 1, 2, 2}. NumPy's
/// repeat, PyTorch's repeat_interleave.
/// Shapes:     the axis' extent times `times`
/// Derivative: dx is the sum of dy over the copies
/// Throws:     ValueError for a negative number
template <int D> struct Repeat {
  static constexpr std::string_view name = "repeat";
  static constexpr bool dense_operands = true;
  Index times;

  template <class S> auto shape(Loc at, const S& x) const { return detail::with_extent<D, dyn>(x, x[D] * times, at); }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    const detail::Lines l = detail::lines_along(D, x.extent);
    kernel::repeat_blocks(l.outer * l.length, l.inner, x.data, times, y.data);
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X x, DX dx) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (!dx) return;
    if (times == 0 && dx.mode == Write::store) kernel::fill(dx.size(), dx.data, T(0));
    const detail::Lines l = detail::lines_along(D, x.extent);
    for (Index k = 0; k < times; ++k)
      kernel::write_blocks(l.outer * l.length, l.inner, dy.data + k * l.inner, times * l.inner, dx.data, l.inner,
                           k == 0 ? dx.mode : Write::add);
  }
};
template <tensor_like X, int D> auto repeat(X&& x, Index times, Axis<D>, Loc at = Loc::current()) {
  if (times < 0) [[unlikely]]
    throw ValueError(at, "tenon::repeat: shape " + to_string(x.shape()) + ", " + std::to_string(times) + " times",
                     "give 0 or more");
  return structured(Repeat<detail::axis_number<shape_of_t<X>::rank, D>()>{times}, at, std::forward<X>(x));
}

}  // namespace tenon::inline TENON_ABI
