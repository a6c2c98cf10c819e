// argsort(x, axis<0>), sort(x, axis<0>), top_k(x, k, axis<0>)
#pragma once

#include "tenon/kernel/sort.hpp"
#include "tenon/op/slice.hpp"
#include "tenon/op/take_along.hpp"

namespace tenon::inline TENON_ABI {

/// The largest first: sort(x, axis<0>, descending).
struct Descending {};
inline constexpr Descending descending{};

/// The positions along an axis in sorted order, the smallest first; equal elements keep their order, NaN counts as the
/// largest.
/// Shapes:     y has the shape of x
/// Dtype:      int64
/// Derivative: none: the result is data
/// Throws:     ValueError for lines of 2^32 elements and more whose dtype has 32 bits or fewer
/// Cost:       a line of n: a pass for each byte of an element
struct Argsort {
  static constexpr std::string_view name = "argsort";
  static constexpr bool dense_operands = true;
  static constexpr auto derivative = Derivative::none;
  using dtype = std::int64_t;
  int axis;
  bool descending;

  template <class S> S shape(Loc, const S& x) const { return x; }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    const detail::Lines l = detail::lines_along(axis, x.extent);
    if (l.length == 0) return;
    using T = std::remove_cvref_t<decltype(*x.data)>;
    const memory::Scratch scratch(kernel::sort_scratch_bytes<T>(l.length));
    for (Index o = 0; o < l.outer; ++o)
      for (Index j = 0; j < l.inner; ++j) {
        const Index at = o * l.block() + j;
        kernel::argsort(l.length, x.data + at, l.inner, descending, y.data + at, l.inner, scratch.bytes());
      }
  }
};
/// The first k positions of argsort, the largest first.
template <int D> struct TopPlaces {
  static constexpr std::string_view name = "top_k";
  static constexpr bool dense_operands = true;
  static constexpr auto derivative = Derivative::none;
  using dtype = std::int64_t;
  Index k;

  template <class S> auto shape(Loc at, const S& x) const { return detail::with_extent<D, dyn>(x, k, at); }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    using T = std::remove_cvref_t<decltype(*x.data)>;
    const detail::Lines l = detail::lines_along(D, x.extent);
    if (k == 0 || l.length == 0) return;
    const memory::Scratch scratch(kernel::sort_scratch_bytes<T>(l.length) +
                                  (k > kernel::few_places ? l.length * static_cast<Index>(sizeof(std::int64_t)) : 0));
    for (Index o = 0; o < l.outer; ++o)
      for (Index j = 0; j < l.inner; ++j)
        kernel::first_places(l.length, k, x.data + o * l.block() + j, l.inner, true, y.data + o * k * l.inner + j,
                             l.inner, scratch.bytes());
  }
};
namespace detail {
/// Throws ValueError for lines that kernel::argsort does not number.
template <class T> void check_sortable(std::string_view op, Index n, Loc at) {
  if (kernel::SortKey<T>::bytes == 4 && n >> 32 != 0) [[unlikely]]
    throw ValueError(at, "tenon::" + std::string(op) + ": " + std::to_string(n) + " elements of 32 bits along the axis",
                     "lines of 2^32 elements and more: cast<double>(x) or cast<int64_t>(x) first");
}
}  // namespace detail
template <tensor_like X, int D> auto argsort(X&& x, Axis<D>, Loc at = Loc::current()) {
  constexpr int d = detail::axis_number<shape_of_t<X>::rank, D>();
  detail::check_sortable<dtype_of_t<X>>(Argsort::name, x.shape()[d], at);
  return structured(Argsort{d, false}, at, std::forward<X>(x));
}
template <tensor_like X, int D> auto argsort(X&& x, Axis<D>, Descending, Loc at = Loc::current()) {
  constexpr int d = detail::axis_number<shape_of_t<X>::rank, D>();
  detail::check_sortable<dtype_of_t<X>>(Argsort::name, x.shape()[d], at);
  return structured(Argsort{d, true}, at, std::forward<X>(x));
}

/// The elements along an axis in the order of argsort.
/// Derivative: dy goes back to the place each element came from
/// Cost:       as argsort
template <tensor_like X, int D, class... Order> auto sort(X&& x, Axis<D> axis_, Order... order) {
  const auto known = eval(std::forward<X>(x));
  return take_along(known, argsort(known, axis_, order...), axis_);
}

/// What top_k gives.
template <class V, class I> struct TopK {
  V values;
  I indices;
};
/// The k largest elements along an axis, the largest first, and where they stood: auto [v, i] = top_k(x, 5, axis<-1>).
/// Shapes:     k in place of the axis' extent
/// Derivative: of the values as sort; none for the indices
/// Throws:     ValueError unless 0 <= k <= the extent
/// Cost:       one pass for k up to 64, else as argsort
template <tensor_like X, int D> auto top_k(X&& x, Index k, Axis<D> axis_, Loc at = Loc::current()) {
  constexpr int d = detail::axis_number<shape_of_t<X>::rank, D>();
  const auto known = eval(std::forward<X>(x), at);
  if (k < 0 || k > known.shape()[d]) [[unlikely]]
    throw ValueError(at,
                     "tenon::top_k: k is " + std::to_string(k) + " but shape " + to_string(known.shape()) + " has " +
                         std::to_string(known.shape()[d]) + " elements in dimension " + std::to_string(d),
                     "give k from 0 to that number");
  detail::check_sortable<dtype_of_t<X>>("top_k", known.shape()[d], at);
  auto first = structured(TopPlaces<d>{k}, at, known);
  auto values = take_along(known, first, axis_, at);
  return TopK<decltype(values), decltype(first)>{std::move(values), std::move(first)};
}

}  // namespace tenon::inline TENON_ABI
