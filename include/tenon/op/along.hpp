// What ops along one axis share: the axis as a number, an array as lines along it, shapes with another extent there.
#pragma once

#include "tenon/kernel/copy.hpp"
#include "tenon/tensor/reduce.hpp"
#include "tenon/tensor/structured.hpp"

namespace tenon::inline TENON_ABI::detail {

/// Axis D of a tensor of this rank, counted from 0.
template <int Rank, int D> consteval int axis_number() {
  static_assert(D < Rank && D >= -Rank, "tenon: an axis is outside the tensor's rank");
  return D < 0 ? D + Rank : D;
}

/// An array without gaps as `outer` blocks of `length` rows of `inner` elements: the axis counts the rows.
struct Lines {
  Index outer = 1, length = 1, inner = 1;
  Index block() const { return length * inner; }
};
template <std::size_t R> Lines lines_along(int axis, const std::array<Index, R>& extent) {
  Lines l;
  for (std::size_t d = 0; d < R; ++d) {
    const int at = static_cast<int>(d);
    (at < axis ? l.outer : at == axis ? l.length : l.inner) *= extent[d];
  }
  return l;
}

/// S with the extent E at axis D, or with E put in before it.
template <class S, int D, Index E, bool Insert> struct WithExtent {
  static constexpr int rank = S::rank + (Insert ? 1 : 0);
  static constexpr auto pattern = [] {
    std::array<Index, static_cast<std::size_t>(rank)> p{};
    for (int d = 0, from = 0; d < rank; ++d) {
      if (d == D) from += Insert ? 0 : 1;
      p[static_cast<std::size_t>(d)] = d == D ? E : S::pattern[static_cast<std::size_t>(from++)];
    }
    return p;
  }();
  template <std::size_t... I> static Shape<pattern[I]...> make(std::index_sequence<I...>);
  using type = decltype(make(std::make_index_sequence<static_cast<std::size_t>(rank)>{}));

  static type of(const S& s, Index extent, Loc at) {
    typename type::Extents e{};
    for (int d = 0, from = 0; d < rank; ++d) {
      if (d == D) from += Insert ? 0 : 1;
      e[static_cast<std::size_t>(d)] = d == D ? extent : s[from++];
    }
    return type(e, at);
  }
};
template <int D, Index E, class S> auto with_extent(const S& s, Index extent, Loc at) {
  return WithExtent<S, D, E, false>::of(s, extent, at);
}

template <int Axis, class A, class B> consteval bool may_be_same_but() {
  for (int d = 0; d < A::rank && A::rank == B::rank; ++d)
    if (d != Axis && !may_equal(A::pattern[static_cast<std::size_t>(d)], B::pattern[static_cast<std::size_t>(d)]))
      return false;
  return A::rank == B::rank;
}
/// Throws ShapeError unless a and b are equal but along Axis; -1: everywhere. Static extents that differ do not compile.
template <int Axis, class A, class B> void check_same_but(std::string_view op, const A& a, const B& b, Loc at) {
  constexpr bool fits = may_be_same_but<Axis, A, B>();
  if constexpr (!fits) (void)sizeof(shapes_do_not_match<A, B>);
  static_assert(fits,
                "tenon: operands have one rank, and differ in the dimension named only; both shapes stand in "
                "shapes_do_not_match<...> above");
  for (int d = 0; d < A::rank; ++d)
    if (d != Axis && a[d] != b[d]) [[unlikely]]
      throw ShapeError(at,
                       "tenon::" + std::string(op) + ": shapes " + to_string(a) + " and " + to_string(b) +
                           " differ in dimension " + std::to_string(d),
                       "only the dimension named may differ; slice, or reshape, one of them");
}

}  // namespace tenon::inline TENON_ABI::detail
