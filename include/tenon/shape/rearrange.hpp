// Rearranging: other shapes and strides for the same elements. Pure functions; each states a law that
// tests/shape/layout_test.cpp checks at every index.
#pragma once

#include "tenon/shape/extents.hpp"
#include "tenon/shape/layout.hpp"

namespace tenon::inline TENON_ABI {

/// A shape with strides.
template <class S> struct Layout {
  S shape;
  Strides<S::rank> strides;
};

namespace detail {
/// The dimension that `axis` names: negative ones count from the end.
template <int Rank, int Axis> consteval int dimension() {
  static_assert(Axis < Rank && Axis >= -Rank, "tenon: an axis is outside the tensor's rank");
  return Axis < 0 ? Axis + Rank : Axis;
}
template <class S, int... From> consteval bool is_permutation() {
  unsigned seen = 0;
  ((seen |= 1u << From), ...);
  return static_cast<int>(sizeof...(From)) == S::rank && seen == (1u << S::rank) - 1u;
}
}  // namespace detail

/// Dimension d of the result is dimension From[d] of the source.
/// Law: the element at index i is that of the source at j, where j[From[d]] = i[d].
template <int... From, class S> constexpr auto permuted(const S& shape, const Strides<S::rank>& stride) {
  static_assert(detail::is_permutation<S, detail::dimension<S::rank, From>()...>(),
                "tenon::permute: name each dimension once, as in permute(x, axis<1, 0, 2>)");
  constexpr std::array<int, sizeof...(From)> from{detail::dimension<S::rank, From>()...};
  using R = Shape<S::pattern[static_cast<std::size_t>(detail::dimension<S::rank, From>())]...>;
  Layout<R> r{};
  typename R::Extents extent{};
  for (std::size_t d = 0; d < from.size(); ++d) {
    extent[d] = shape[from[d]];
    r.strides[d] = stride[static_cast<std::size_t>(from[d])];
  }
  r.shape = R(extent);
  return r;
}

/// The last two dimensions change places. Law: element (..., i, j) is that of the source at (..., j, i).
template <class S> constexpr auto transposed(const S& shape, const Strides<S::rank>& stride) {
  static_assert(S::rank >= 2, "tenon::transpose: needs two dimensions; unsqueeze(x, axis<0>) makes a row of a vector");
  return [&]<std::size_t... D>(std::index_sequence<D...>) {
    constexpr int n = S::rank;
    return permuted<(static_cast<int>(D) < n - 2 ? static_cast<int>(D) : 2 * n - 3 - static_cast<int>(D))...>(shape,
                                                                                                              stride);
  }
  (std::make_index_sequence<static_cast<std::size_t>(S::rank)>{});
}

/// A dimension of extent 1 more, at place Axis of the result. Law: element (..., 0, ...) is that of the source without
/// it.
template <int Axis, class S> constexpr auto unsqueezed(const S& shape, const Strides<S::rank>& stride) {
  constexpr int axis = detail::dimension<S::rank + 1, Axis>();
  constexpr auto source = [](int d) { return d < axis ? d : d - 1; };
  return [&]<std::size_t... D>(std::index_sequence<D...>) {
    using R =
        Shape<(D == axis ? 1 : S::pattern[static_cast<std::size_t>(D == axis ? 0 : source(static_cast<int>(D)))])...>;
    Layout<R> r{};
    r.shape = R(typename R::Extents{(D == axis ? 1 : shape[source(static_cast<int>(D))])...});
    ((r.strides[D] = D == axis ? 0 : stride[static_cast<std::size_t>(source(static_cast<int>(D)))]), ...);
    return r;
  }
  (std::make_index_sequence<static_cast<std::size_t>(S::rank) + 1>{});
}

/// Without dimension Axis, whose extent must be 1. Law: element (...) is that of the source with a 0 there. Throws
/// ShapeError for a run-time extent that is not 1.
template <int Axis, class S> constexpr auto squeezed(const S& shape, const Strides<S::rank>& stride, Loc at) {
  constexpr int axis = detail::dimension<S::rank, Axis>();
  static_assert(may_equal(S::pattern[static_cast<std::size_t>(axis)], 1),
                "tenon::squeeze: the extent of this axis is not 1");
  if (shape[axis] != 1)
    throw ShapeError(
        at, "tenon::squeeze: dimension " + std::to_string(axis) + " of shape " + to_string(shape) + " is not 1",
        "name a dimension of extent 1, or reshape");
  constexpr auto source = [](std::size_t d) { return d < static_cast<std::size_t>(axis) ? d : d + 1; };
  return [&]<std::size_t... D>(std::index_sequence<D...>) {
    using R = Shape<S::pattern[source(D)]...>;
    Layout<R> r{};
    r.shape = R(typename R::Extents{shape[static_cast<int>(source(D))]...}, at);
    ((r.strides[D] = stride[source(D)]), ...);
    return r;
  }
  (std::make_index_sequence<static_cast<std::size_t>(S::rank) - 1>{});
}

/// Strides that read an array (shape, stride) in row-major order as an array of extents `to`, where there are any.
/// Law: when true, the k-th element of the result, counted in row-major order, is the k-th of the source.
/// Pre: as many elements in both.
template <class S, std::size_t N>
constexpr bool reshape_strides(const S& shape, const Strides<S::rank>& stride, const std::array<Index, N>& to,
                               std::array<Index, N>& result) {
  result = row_major(dyn_shape_t<N>(to));
  if (shape.size() == 0) return true;
  int from = S::rank - 1;
  Index left = 1,
        step = 1;  // elements of the current run (equally spaced, as long as possible) not given out, their spacing
  for (std::size_t d = N; d-- > 0;) {
    if (to[d] == 1) continue;
    if (left == 1) {
      while (shape[from] == 1) --from;
      left = shape[from];
      step = stride[static_cast<std::size_t>(from--)];
      for (const Index first = step;
           from >= 0 && (shape[from] == 1 || stride[static_cast<std::size_t>(from)] == first * left); --from)
        left *= shape[from];
    }
    if (left % to[d] != 0) return false;  // this dimension would run on from one run into the next
    result[d] = step;
    step *= to[d];
    left /= to[d];
  }
  return true;
}

namespace detail {
/// The result type of a reshape of S to E..., where one dyn is inferred as soon as S is known.
template <class S, Index... E> struct ReshapedType {
  static constexpr int open = (0 + ... + (E == dyn ? 1 : 0));
  static constexpr Index known = (Index{1} * ... * (E == dyn ? 1 : E));
  static constexpr Index size = S::is_static ? S{}.size() : dyn;
  static constexpr bool fits =
      !S::is_static || (open == 0 ? known == size : open > 1 || (known > 0 && size % known == 0));
  static constexpr Index inferred = fits && S::is_static && open == 1 ? size / (known > 0 ? known : 1) : dyn;
  using type = Shape<(E == dyn ? inferred : E)...>;
};
}  // namespace detail

/// The shape reshape<E...>(x) has for x of shape S: a single dyn becomes the number of elements that are left. Throws
/// ShapeError; a static misfit does not compile.
template <Index... E, class S> constexpr auto reshaped(const S& shape, std::string_view op, Loc at) {
  using Type = detail::ReshapedType<S, E...>;
  static_assert(Type::open <= 1, "tenon::reshape: at most one extent is dyn when none is given as an argument");
  if constexpr (!Type::fits) (void)sizeof(shapes_do_not_match<S, Shape<E...>>);
  static_assert(Type::fits,
                "tenon::reshape: the numbers of elements differ; both shapes stand in shapes_do_not_match<...> above");
  using R = typename Type::type;
  return R(inferred_extents(Shape<E...>::pattern, shape.size(), op, at), at);
}

}  // namespace tenon::inline TENON_ABI
