// embedding(table, indices)
#pragma once

#include "tenon/kernel/gather.hpp"
#include "tenon/op/indices.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

/// Indices of shape I..., then rows of D elements.
template <class I, class Table> struct EmbeddedShape;
template <Index... I, Index V, Index D> struct EmbeddedShape<Shape<I...>, Shape<V, D>> { using type = Shape<I..., D>; };

}  // namespace detail

/// y[i...] = table[indices[i...]]: a row of the table for each index.
/// Shapes:     table (v, d), indices (i...) of any rank and integer dtype -> (i..., d)
/// Derivative: dtable[k] = the sum of dy over the places of index k, added in their order; none for the indices
/// Cost:       copies the rows; backward adds them, and clears dtable when it is the first to write it
/// Throws:     ValueError, naming the index and its place, for one outside [0, v), before anything is computed; one below
///             0 does not count from the end
struct Embedding {
  static constexpr std::string_view name = "embedding";
  static constexpr bool dense_operands = true;

  template <class Table, class I> auto shape(Loc at, const Table& table, const I& indices) const {
    using R = typename detail::EmbeddedShape<I, Table>::type;
    typename R::Extents e{};
    for (int d = 0; d < I::rank; ++d) e[static_cast<std::size_t>(d)] = indices[d];
    e.back() = table[1];
    return R(e, at);
  }
  template <class Y, class Table, class I> void forward(std::byte*, Y y, Table table, I indices) const {
    kernel::gather_rows(indices.size(), table.extent[1], table.data, indices.data, y.data);
  }
  template <class Y, class DY, class Table, class I, class DTable, class DI>
  void backward(const std::byte*, Y, DY dy, Table table, I indices, DTable dtable, DI) const {
    using T = std::remove_cvref_t<decltype(*dtable.data)>;
    if (!dtable) return;
    if (dtable.mode == Write::store)
      for (Index i = 0, n = dtable.size(); i < n; ++i) dtable.data[i] = T(0);
    kernel::scatter_add_rows(indices.size(), table.extent[1], dy.data, indices.data, dtable.data);
  }
};

template <tensor_like Table, tensor_like I> auto embedding(Table&& table, I&& indices, Loc at = Loc::current()) {
  static_assert(shape_of_t<Table>::rank == 2, "tenon::embedding: the table is a matrix, a row an index");
  static_assert(std::is_floating_point_v<primal_t<dtype_of_t<Table>>>,
                "tenon::embedding: the table is float or double");
  static_assert(std::is_integral_v<dtype_of_t<I>>, "tenon::embedding: indices are integers");
  const Index rows = table.shape()[0];
  return structured(Embedding{}, at, std::forward<Table>(table),
                    detail::checked_indices(Embedding::name, std::forward<I>(indices), rows, at));
}

}  // namespace tenon::inline TENON_ABI
