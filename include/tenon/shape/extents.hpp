// Extents as arguments: the shape that zeros<float, dyn, 3>(n, 3) or reshape(x, {n, -1}) names.
#pragma once

#include <utility>

#include "tenon/shape/shape.hpp"

namespace tenon::inline TENON_ABI {

/// One extent in braces, from any integer type: {v.size(), 3}.
struct Extent {
  Index value;
  template <std::integral I>
  requires(!std::same_as<I, bool>) constexpr Extent(I n) : value(static_cast<Index>(n)) {}
};

namespace detail {
template <std::size_t... I> auto dyn_shape(std::index_sequence<I...>) -> Shape<(static_cast<void>(I), dyn)...>;

/// Integers, one an extent, or one Shape; or nothing, when the type says it all.
template <class... A> inline constexpr bool names_extents = (std::integral<std::remove_cvref_t<A>> && ...);
template <class A>
inline constexpr bool names_extents<A> = std::integral<std::remove_cvref_t<A>> || is_shape_v<std::remove_cvref_t<A>>;

template <std::size_t R> constexpr std::array<Index, R> extents_of(const Extent (&extent)[R]) {
  std::array<Index, R> e{};
  for (std::size_t d = 0; d < R; ++d) e[d] = extent[d].value;
  return e;
}
template <class... A> constexpr auto extents_of(const A&... a) {
  if constexpr ((is_shape_v<A> || ...)) return (a, ...).extents();
  else return std::array<Index, sizeof...(A)>{static_cast<Index>(a)...};
}
}  // namespace detail

/// A shape of rank R whose extents are all run-time.
template <std::size_t R> using dyn_shape_t = decltype(detail::dyn_shape(std::make_index_sequence<R>{}));

/// s, unless its number of elements overflows: one that is only broadcast to needs no memory that would refuse it.
template <class S> constexpr S countable(const S& s, Loc at) {
  (void)checked_size(s.extents(), 1, at);
  return s;
}

/// What an extent argument may be.
template <class... A>
concept extent_arguments = detail::names_extents<A...>;

/// The shape that the extents E... of a type and those of a call name together: all dyn when the type has none. Throws
/// ShapeError when they differ, and when the number of elements overflows.
template <Index... E, std::size_t R> constexpr auto named_shape(const std::array<Index, R>& extent, Loc at) {
  if constexpr (sizeof...(E) == 0) {
    return countable(dyn_shape_t<R>(extent, at), at);
  } else if constexpr (R == 0) {
    static_assert(Shape<E...>::is_static, "tenon: an extent is dyn, so say how large: zeros<float, dyn, 3>(n, 3)");
    return Shape<E...>{};
  } else {
    static_assert(R == sizeof...(E),
                  "tenon: give a number for each extent, static ones too: zeros<float, dyn, 3>(n, 3)");
    return countable(Shape<E...>(extent, at), at);
  }
}
/// Likewise from arguments: integers, or a Shape, which keeps its own static extents.
template <Index... E, class... A>
requires extent_arguments<A...>
constexpr auto shape_from(Loc at, const A&... a) {
  if constexpr (sizeof...(E) == 0 && (is_shape_v<A> || ...)) return countable((a, ...), at);
  else return named_shape<E...>(detail::extents_of(a...), at);
}
template <Index... E, std::size_t R> constexpr auto shape_from(Loc at, const Extent (&extent)[R]) {
  return named_shape<E...>(detail::extents_of(extent), at);
}

namespace detail {
TENON_COLD inline void refuse_extents(std::string_view op, const Index* extent, std::size_t rank, Index size, Loc at) {
  std::string s = "(";
  for (std::size_t d = 0; d < rank; ++d) s += (d > 0 ? ", " : "") + std::to_string(extent[d]);
  throw ShapeError(at,
                   "tenon::" + std::string(op) + ": " + std::to_string(size) + " elements do not fit extents " + s +
                       (rank == 1 ? ",)" : ")"),
                   "their product must be the number of elements; one of them may be -1, when the others tell it");
}
}  // namespace detail

/// Extents whose product is `size`: one of -1 is the number that makes it so. Throws ShapeError, naming `op`.
template <std::size_t R>
constexpr std::array<Index, R> inferred_extents(std::array<Index, R> extent, Index size, std::string_view op, Loc at) {
  Index known = 1;
  std::size_t open = R;
  bool fits = true;
  for (std::size_t d = 0; d < R; ++d) {
    if (extent[d] == -1 && open == R) open = d;
    else fits = fits && extent[d] >= 0 && !__builtin_mul_overflow(known, extent[d], &known);
  }
  if (open < R) fits = fits && known > 0 && size % known == 0;
  else fits = fits && known == size;
  if (!fits) [[unlikely]]
    detail::refuse_extents(op, extent.data(), R, size, at);
  if (open < R) extent[open] = size / known;
  return extent;
}

}  // namespace tenon::inline TENON_ABI
