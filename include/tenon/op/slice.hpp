// slice(x, items...): parts of values and expressions
#pragma once

#include "tenon/shape/extents.hpp"
#include "tenon/shape/slice.hpp"
#include "tenon/shape/walk.hpp"
#include "tenon/tensor/structured.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

template <class... Items> Pack<Items...> pack_items(Items... items) {
  if constexpr (sizeof...(Items) == 0) return {};
  else return [](auto first, auto... rest) { return Pack<Items...>{first, pack_items(rest...)}; }(items...);
}
/// Calls f(items...) on the items of a pack.
template <class F, class... Done> auto with_items(const Pack<>&, F f, const Done&... done) { return f(done...); }
template <class First, class... Rest, class F, class... Done>
auto with_items(const Pack<First, Rest...>& p, F f, const Done&... done) {
  return with_items(p.rest, f, done..., p.first);
}
/// Rows of equal length in two arrays: f(offset in one, offset in the other, elements) and the strides along a row.
template <std::size_t R, class F>
void for_each_row(const std::array<Index, R>& extent, const std::array<Index, R>& a, const std::array<Index, R>& b,
                  F f) {
  if constexpr (R == 0) {
    f(Index{0}, Index{0}, Index{1}, Index{1}, Index{1});
  } else {
    if (extent[R - 1] == 0) return;
    for_each_offset(
        extent, all_dims(R - 1), [&](Index i, Index j) { f(i, j, extent[R - 1], a[R - 1], b[R - 1]); }, a, b);
  }
}

}  // namespace detail

/// y = the part of x that the items name: positions (their dimension goes), range(first, last, step), all, newaxis,
/// ellipsis, as in t(...) of a tensor.
/// Shapes:     as NumPy's basic indexing
/// Derivative: dx is dy at the part, 0 elsewhere
/// Cost:       copies the part; backward adds to the part, and clears dx when it is the first to write it
/// Throws:     ShapeError for a position outside its extent and a step of 0
template <class... Items> struct Slice {
  static constexpr std::string_view name = "slice";
  Pack<Items...> items;

  template <class S> auto shape(Loc at, const S& x) const {
    return detail::with_items(items, [&](const auto&... i) { return tenon::slice(x, row_major(x), at, i...).shape; });
  }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const auto part = part_of(x);
    detail::for_each_row(y.extent, y.stride, part.strides,
                         [&](Index to, Index from, Index n, Index to_stride, Index from_stride) {
                           rows::copy_strided(reinterpret_cast<std::byte*>(y.data + to), to_stride,
                                              reinterpret_cast<const std::byte*>(x.data + part.offset + from),
                                              from_stride, n, static_cast<Index>(sizeof(T)));
                         });
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X x, DX dx) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (!dx) return;
    if (dx.mode == Write::store)
      for (Index i = 0, n = dx.size(); i < n; ++i) dx.data[i] = T(0);
    const auto part = part_of(x);
    detail::for_each_row(dy.extent, part.strides, dy.stride,
                         [&](Index to, Index from, Index n, Index to_stride, Index from_stride) {
                           T* t = dx.data + part.offset + to;
                           for (Index i = 0; i < n; ++i)
                             t[i * to_stride] = t[i * to_stride] + dy.data[from + i * from_stride];
                         });
  }

 private:
  template <class X> auto part_of(X x) const {
    return detail::with_items(items, [&](const auto&... i) {
      return tenon::slice(dyn_shape_t<static_cast<std::size_t>(rank_of<X>)>(x.extent), x.stride, Loc{}, i...);
    });
  }
};

/// x is what has a gradient, or a formula; of a tensor or view, t(...) gives a View without a copy.
template <tensor_like X, slice_item... Items> auto slice(X&& x, Items... items) {
  return structured(Slice<Items...>{detail::pack_items(items...)}, Loc{}, std::forward<X>(x));
}
/// What v(i, all) of a value calls.
template <tensor_like X, slice_item... Items> auto slice_value(X&& x, Items... items) {
  return slice(std::forward<X>(x), items...);
}

}  // namespace tenon::inline TENON_ABI
