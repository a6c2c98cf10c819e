// Braces: how {{1, 2, 3}, {4, 5, 6}} becomes elements. With static extents the compiler counts them.
#pragma once

#include <initializer_list>

#include "tenon/shape/shape.hpp"

namespace tenon::inline TENON_ABI::literal {

/// One number in braces, converted to T as a cast would: 1 is fine for a float tensor.
template <class T> struct Item {
  T value;
  template <class A>
  requires std::is_arithmetic_v<A> || std::is_convertible_v<A, T>
  constexpr Item(A a) : value(static_cast<T>(a)) {}
};

/// std::initializer_list nested R deep.
template <class T, int R> struct Nested { using type = std::initializer_list<typename Nested<T, R - 1>::type>; };
template <class T> struct Nested<T, 1> { using type = std::initializer_list<Item<T>>; };
template <class T, int R> using nested_t = typename Nested<T, R>::type;

/// Names both shapes when a literal has another shape than its tensor.
template <class Tensor, class Given> consteval void require_fit() {
  if constexpr (!std::is_same_v<Tensor, Given>) (void)sizeof(shapes_do_not_match<Tensor, Given>);
  static_assert(std::is_same_v<Tensor, Given>,
                "tenon: the literal does not fit the tensor; both shapes stand in shapes_do_not_match<...> above");
}

TENON_COLD inline void refuse_row(Index row, Index first) {
  throw ShapeError(
      Loc{}, "tenon: a literal has a row of " + std::to_string(row) + " elements after one of " + std::to_string(first),
      "give every row the same number of elements");
}

/// Extents of a nested list, taken from its first rows.
template <int R, class L, class Extents> void extents_of(const L& list, Extents& e, std::size_t d = 0) {
  e[d] = static_cast<Index>(list.size());
  if constexpr (R > 1) {
    if (list.size() > 0) extents_of<R - 1>(*list.begin(), e, d + 1);
    else
      for (std::size_t k = d + 1; k < e.size(); ++k) e[k] = 0;
  }
}
/// Writes the elements in row-major order; throws ShapeError on a row of another length.
template <int R, class L, class Extents, class T>
void copy_items(const L& list, const Extents& e, T*& to, std::size_t d = 0) {
  if (static_cast<Index>(list.size()) != e[d]) refuse_row(static_cast<Index>(list.size()), e[d]);
  for (const auto& x : list) {
    if constexpr (R > 1) copy_items<R - 1>(x, e, to, d + 1);
    else *to++ = x.value;
  }
}

}  // namespace tenon::inline TENON_ABI::literal
