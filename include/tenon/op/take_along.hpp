// take_along(x, indices, axis<1>), scatter_add(x, indices, source, axis<1>)
#pragma once

#include "tenon/op/along.hpp"
#include "tenon/op/indices.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

/// f(offset in the array of indices, offset in the array that they point into) for each index along an axis.
template <class I, std::size_t R, class F>
TENON_ALWAYS_INLINE void for_each_index(int axis, const I& indices, const std::array<Index, R>& into, F f) {
  const Lines a = lines_along(axis, indices.extent), b = lines_along(axis, into);
  const auto* const index = indices.data;
  const Index length = a.length, inner = a.inner;
  for (Index o = 0; o < a.outer; ++o) {
    const Index first = o * a.block(), to = o * b.block();
    if (inner == 1) {
      for (Index k = 0; k < length; ++k) f(first + k, to + static_cast<Index>(index[first + k]));
    } else {
      for (Index k = 0; k < length; ++k)
        for (Index j = 0, at = first + k * inner; j < inner; ++j, ++at)
          f(at, to + static_cast<Index>(index[at]) * inner + j);
    }
  }
}

}  // namespace detail

/// y[i][j] = x[i][indices[i][j]] (for axis<1> of matrices): NumPy's take_along_axis, PyTorch's gather.
/// Shapes:     indices of an integer dtype, with the extents of x but along the axis -> the shape of the indices
/// Derivative: dx is the sum of dy over the places that took the element; none for the indices
/// Throws:     ValueError, naming the index and its place, for one outside the axis' extent; ShapeError when other
///             extents differ
struct TakeAlong {
  static constexpr std::string_view name = "take_along";
  static constexpr bool dense_operands = true;
  int axis;

  template <class S, class I> I shape(Loc, const S&, const I& indices) const { return indices; }
  template <class Y, class X, class I> void forward(std::byte*, Y y, X x, I indices) const {
    detail::for_each_index(axis, indices, x.extent,
                           [a = y.data, b = x.data](Index to, Index from) TENON_INLINE_LAMBDA { a[to] = b[from]; });
  }
  template <class Y, class DY, class X, class I, class DX, class DI>
  void backward(const std::byte*, Y, DY dy, X x, I indices, DX dx, DI) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (!dx) return;
    if (dx.mode == Write::store) kernel::fill(dx.size(), dx.data, T(0));
    detail::for_each_index(axis, indices, x.extent,
                           [a = dx.data, b = dy.data](Index from, Index to)
                               TENON_INLINE_LAMBDA { a[to] = a[to] + b[from]; });
  }
};
template <tensor_like X, tensor_like I, int D> auto take_along(X&& x, I&& indices, Axis<D>, Loc at = Loc::current()) {
  constexpr int axis = detail::axis_number<shape_of_t<X>::rank, D>();
  detail::check_same_but<axis>(TakeAlong::name, x.shape(), indices.shape(), at);
  const Index extent = x.shape()[axis];
  return structured(TakeAlong{axis}, at, std::forward<X>(x),
                    detail::checked_indices(TakeAlong::name, std::forward<I>(indices), extent, at));
}

/// y = x with source[i][j] added at x[i][indices[i][j]] (for axis<1> of matrices), in the order of the source.
/// Shapes:     indices and source of one shape, with the extents of x but along the axis -> the shape of x
/// Derivative: dx = dy; dsource[i][j] = dy[i][indices[i][j]]; none for the indices
/// Throws:     as take_along
struct ScatterAdd {
  static constexpr std::string_view name = "scatter_add";
  static constexpr bool dense_operands = true;
  int axis;

  template <class S, class I, class V> S shape(Loc, const S& x, const I&, const V&) const { return x; }
  template <class Y, class X, class I, class V> void forward(std::byte*, Y y, X x, I indices, V source) const {
    kernel::write_blocks(1, y.size(), x.data, 0, y.data, 0, Write::store);
    detail::for_each_index(axis, indices, x.extent,
                           [a = y.data, b = source.data](Index from, Index to)
                               TENON_INLINE_LAMBDA { a[to] = a[to] + b[from]; });
  }
  template <class Y, class DY, class X, class I, class V, class DX, class DI, class DV>
  void backward(const std::byte*, Y, DY dy, X, I indices, V, DX dx, DI, DV dsource) const {
    if (dx) kernel::write_blocks(1, dy.size(), dy.data, 0, dx.data, 0, dx.mode);
    if (dsource)
      detail::for_each_index(axis, indices, dy.extent,
                             [&](Index to, Index from) { kernel::put(dsource.data[to], dy.data[from], dsource.mode); });
  }
};
template <tensor_like X, tensor_like I, tensor_like V, int D>
auto scatter_add(X&& x, I&& indices, V&& source, Axis<D>, Loc at = Loc::current()) {
  constexpr int axis = detail::axis_number<shape_of_t<X>::rank, D>();
  using T = common_dtype_t<dtype_of_t<X>, dtype_of_t<V>>;
  static_assert(!std::is_void_v<T>, "tenon::scatter_add: x and source differ in dtype; write cast<float>(x) on one");
  detail::check_same_but<axis>(ScatterAdd::name, x.shape(), indices.shape(), at);
  detail::check_same_but<-1>(ScatterAdd::name, indices.shape(), source.shape(), at);
  const Index extent = x.shape()[axis];
  return structured(ScatterAdd{axis}, at, lift_operand<T>(std::forward<X>(x)),
                    detail::checked_indices(ScatterAdd::name, std::forward<I>(indices), extent, at),
                    lift_operand<T>(std::forward<V>(source)));
}

}  // namespace tenon::inline TENON_ABI
