// The shape of a sample that a caller asks for, against the one that a file has.
#pragma once

#include <span>

#include "tenon/data/dataset.hpp"

namespace tenon::inline TENON_ABI::data::detail {

/// Shape<E...>, or for no E one run-time extent.
template <Index... E> struct SampleShape { using type = Shape<E...>; };
template <> struct SampleShape<> { using type = Shape<dyn>; };

inline std::string shown(std::span<const Index> extents) {
  return to_string(extents.data(), static_cast<int>(extents.size()));
}

/// Number of elements of a sample, or -1 when that is no Index: a file may claim any extents beside one of 0.
inline Index elements_of(std::span<const Index> extents) {
  Index n = 1;
  for (Index e : extents)
    if (__builtin_mul_overflow(n, e, &n)) return -1;
  return n;
}
/// S for a sample that the file gives as `given`: of the same rank, or of the same number of elements in row-major
/// order, where S may leave one extent open. Throws ShapeError naming both.
template <class S> S fit_sample(std::span<const Index> given, std::string_view who, Loc at) {
  const Index elements = elements_of(given);
  Index known = 1;
  int open = 0;
  for (Index e : S::pattern) e == dyn ? void(++open) : void(known *= e);
  auto extents = S::pattern;
  bool fits = open <= 1 && elements >= 0 ? (open == 0 ? known == elements : known > 0 && elements % known == 0) : false;
  for (Index& e : extents)
    if (e == dyn && fits) e = elements / known;
  if (given.size() == extents.size()) {
    fits = true;
    for (std::size_t d = 0; d < given.size(); ++d) {
      fits = fits && (S::pattern[d] == dyn || S::pattern[d] == given[d]);
      extents[d] = given[d];
    }
  }
  if (!fits)
    throw ShapeError(
        at, std::string(who) + ": a sample has shape " + shown(given) + " but the type asks for " + shown(S::pattern),
        "give the extents of a sample in the type, or dyn where they vary");
  return S(extents);
}

/// Uninit rows of samples of shape s.
template <class T, Index... E> Uninit<T, dyn, E...> new_rows(Index rows, const Shape<E...>& s, Loc at) {
  typename Shape<dyn, E...>::Extents e{rows};
  for (std::size_t d = 1; d < e.size(); ++d) e[d] = s[static_cast<int>(d) - 1];
  return Uninit<T, dyn, E...>(Shape<dyn, E...>(e), at);
}

}  // namespace tenon::inline TENON_ABI::data::detail
