// Slicing: which elements t(i, range(2, 5), all, newaxis) names. Pure index arithmetic, checked once a slice.
#pragma once

#include <utility>

#include "tenon/shape/layout.hpp"

namespace tenon::inline TENON_ABI {

/// A whole dimension: t(all, 0). As a function, all(x) is the reduction; op/all.hpp supplies it, found by ADL.
struct All {
  template <class X, class... Options> auto operator()(X&& x, Options... options) const {
    return reduce_all(std::forward<X>(x), options...);
  }
};
inline constexpr All all{};

/// Elements first, first + step, ... before last, as Python's slice(first, last, step): negative positions count from
/// the end, positions outside are clipped, a negative step walks backwards.
struct Range {
  Index first = 0, last = open, step = 1;
  static constexpr Index open = PTRDIFF_MIN;  ///< "as far as it goes"
};
constexpr Range range(Index first, Index last, Index step = 1) { return {first, last, step}; }
constexpr Range range(Index last) { return {0, last, 1}; }

/// A new dimension of extent 1.
struct NewAxis {};
inline constexpr NewAxis newaxis{};
/// As many whole dimensions as are left.
struct Ellipsis {};
inline constexpr Ellipsis ellipsis{};

namespace detail {
template <class I> inline constexpr bool is_position = std::is_integral_v<I> && !std::is_same_v<I, bool>;
/// Dimensions of the source that an item takes, and of the result that it makes.
template <class I>
inline constexpr int takes = is_position<I> || std::is_same_v<I, Range> || std::is_same_v<I, All> ? 1 : 0;
}  // namespace detail

/// Anything that may stand between the brackets of t(...). Not a bool, which NumPy reads as a mask.
template <class I>
concept slice_item = detail::is_position<I> || std::is_same_v<I, Range> || std::is_same_v<I, All> ||
    std::is_same_v<I, NewAxis> || std::is_same_v<I, Ellipsis>;

namespace detail {

template <class S, class... Items> struct SliceType {
  static constexpr int taken = (0 + ... + takes<Items>);
  static constexpr int ellipses = (0 + ... + (std::is_same_v<Items, Ellipsis> ? 1 : 0));
  static_assert(ellipses <= 1, "tenon: at most one ellipsis in a slice");
  static_assert(taken <= S::rank, "tenon: more indices than the tensor has dimensions");
  static constexpr int left = S::rank - taken;  // dimensions that the ellipsis, or the end, keeps whole
  static constexpr int rank = left + (0 + ... + (is_position<Items> || std::is_same_v<Items, Ellipsis> ? 0 : 1));
  static constexpr auto pattern = [] {
    std::array<Index, static_cast<std::size_t>(rank)> p{};
    int from = 0, to = 0;
    auto keep = [&](int n) {
      for (int k = 0; k < n; ++k) p[static_cast<std::size_t>(to++)] = S::pattern[static_cast<std::size_t>(from++)];
    };
    [[maybe_unused]] auto one = [&]<class I>(std::type_identity<I>) {
      if constexpr (is_position<I>) ++from;
      else if constexpr (std::is_same_v<I, Range>) (++from, p[static_cast<std::size_t>(to++)] = dyn);
      else if constexpr (std::is_same_v<I, All>) keep(1);
      else if constexpr (std::is_same_v<I, NewAxis>) p[static_cast<std::size_t>(to++)] = 1;
      else keep(left);
    };
    (one(std::type_identity<Items>{}), ...);
    if (ellipses == 0) keep(left);
    return p;
  }();
  template <std::size_t... I> static auto make(std::index_sequence<I...>) -> Shape<pattern[I]...>;
  using type = decltype(make(std::make_index_sequence<static_cast<std::size_t>(rank)>{}));
};

TENON_COLD inline void index_error(Index i, int d, Index extent, Loc at) {
  throw ShapeError(at,
                   "tenon: index " + std::to_string(i) + " is outside dimension " + std::to_string(d) + " of extent " +
                       std::to_string(extent),
                   "positions count from 0, or from the end by -1; range(first, last) may reach beyond");
}
constexpr Index clamp_index(Index i, Index low, Index high) { return i < low ? low : i > high ? high : i; }

}  // namespace detail

/// Position i of a dimension of extent n; negative ones count from the end, an unsigned one that wrapped (std::size_t
/// 0 - 1) does not. Throws ShapeError.
template <class I> constexpr Index checked_index(I i, int d, Index n, Loc at) {
  const auto given = static_cast<Index>(i);
  const Index k = std::is_signed_v<I> && given < 0 ? given + n : given;
  if (k < 0 || k >= n) detail::index_error(given, d, n, at);
  return k;
}

/// A slice: where its first element lies, and its shape and strides.
template <class S> struct Sliced {
  Index offset = 0;
  S shape;
  Strides<S::rank> strides{};
};

/// Law: element (i...) of the result is the element of the source at the index that the items map (i...) to.
/// Throws ShapeError: a position outside its extent, a step of 0.
template <class S, class... Items>
constexpr auto slice(const S& shape, const Strides<S::rank>& stride, Loc at, const Items&... items) {
  using Type = detail::SliceType<S, Items...>;
  using R = typename Type::type;
  Sliced<R> r{};
  typename R::Extents extent{};
  int from = 0, to = 0;
  auto put = [&](Index n, Index s) {
    extent[static_cast<std::size_t>(to)] = n;
    r.strides[static_cast<std::size_t>(to++)] = s;
  };
  auto keep = [&](int n) {
    for (int k = 0; k < n; ++k, ++from) put(shape[from], stride[static_cast<std::size_t>(from)]);
  };
  [[maybe_unused]] auto one = [&]<class I>(const I& item) {
    if constexpr (detail::is_position<I>) {
      r.offset += checked_index(item, from, shape[from], at) * stride[static_cast<std::size_t>(from)];
      ++from;
    } else if constexpr (std::is_same_v<I, Range>) {
      const Index n = shape[from], step = item.step;
      if (step == 0)
        throw ShapeError(at, "tenon: a range has a step of 0", "give 1, or a negative step to go backwards");
      const Index low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
      const Index first = detail::clamp_index(item.first < 0 ? item.first + n : item.first, low, high);
      const Index last = item.last == Range::open
                             ? (step > 0 ? n : -1)
                             : detail::clamp_index(item.last < 0 ? item.last + n : item.last, low, high);
      const Index span = step > 0 ? last - first : first - last;
      const Index count = span > 0 ? (step > 0 ? span - 1 : 1 - span) / step + 1 : 0;  // -step could overflow
      if (count > 0) r.offset += first * stride[static_cast<std::size_t>(from)];
      put(count, (count > 1 ? step : 1) * stride[static_cast<std::size_t>(from)]);  // as could a step never taken
      ++from;
    } else if constexpr (std::is_same_v<I, All>) {
      keep(1);
    } else if constexpr (std::is_same_v<I, NewAxis>) {
      put(1, 0);
    } else {
      keep(Type::left);
    }
  };
  (one(items), ...);
  if constexpr (Type::ellipses == 0) keep(Type::left);
  for (const Index n : extent)
    if (n == 0) r.offset = 0;  // of no elements, which may have no memory to step through
  r.shape = R(extent, at);
  return r;
}

}  // namespace tenon::inline TENON_ABI
