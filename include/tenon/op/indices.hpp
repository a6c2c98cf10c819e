// What ops that take indices share: integers evaluated, and refused by name when they are out of range.
#pragma once

#include "tenon/kernel/gather.hpp"
#include "tenon/tensor/structured.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI::detail {

/// "(1, 2)": where element k of a tensor of this shape stands.
template <class S> std::string position_text(const S& shape, Index k) {
  auto at = shape.extents();
  for (std::size_t d = at.size(); d-- > 0;) {
    const Index e = at[d];
    at[d] = k % e;
    k /= e;
  }
  return to_string(at.data(), S::rank);
}
TENON_COLD inline void refuse_index(std::string_view op, Index index, const std::string& position, Index rows, Loc at) {
  throw ValueError(at,
                   "tenon::" + std::string(op) + ": index " + std::to_string(index) + " at " + position +
                       " is outside [0, " + std::to_string(rows) + ")",
                   "indices count from 0; check the number of rows");
}
/// Indices evaluated, without gaps: an operand for structured().
template <class I> auto dense_indices(std::string_view op, I&& indices, Loc at) {
  using N = dtype_of_t<I>;
  static_assert(std::is_integral_v<N> && !std::is_same_v<N, bool>, "tenon: indices are integers");
  auto known = build::dense_leaf(build::factor<N>(std::forward<I>(indices), at), at);
  known.check(op, at);
  const auto shape = known.shape();
  using L = decltype(known);
  return Expr<N, typename L::shape_type, leaf, L>(std::move(known), shape);
}
/// Likewise, and in [0, rows).
template <class I> auto checked_indices(std::string_view op, I&& indices, Index rows, Loc at) {
  auto known = dense_indices(op, std::forward<I>(indices), at);
  const auto shape = known.shape();
  const auto* index = known.evaluated(at).data();
  if (const Index k = kernel::first_bad_index(shape.size(), index, rows); k >= 0) [[unlikely]]
    refuse_index(op, static_cast<Index>(index[k]), position_text(shape, k), rows, at);
  return known;
}

}  // namespace tenon::inline TENON_ABI::detail
