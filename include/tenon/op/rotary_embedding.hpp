// rotary_embedding(x, options)
#pragma once

#include "tenon/kernel/rotary.hpp"
#include "tenon/simd/parallel.hpp"
#include "tenon/tensor/structured.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI {

struct RotaryOptions {
  double base = 10000;  ///< pair i of a head turns by base^(-2 i / dim) a position
  Index start = 0;      ///< the position of the first row: how many came before, when generating
  Index dim = 0;        ///< elements of a head; 0: a row is one head
  Index heads = 0;      ///< the first heads of a row that turn; 0: all. Of a projection of queries, keys and values:
                        ///< heads + kv_heads
  bool halves = false;  ///< pair i is elements i and i + dim / 2 (GPT-NeoX), not 2 i and 2 i + 1 (Llama, RoFormer)
};

/// y = x with pairs of elements turned by angles proportional to the position, the index of the second last dimension:
/// scalar products of queries and keys then depend on the distance between their positions.
/// Shapes:     x (..., time, columns) -> the same; a row is one head, or several of options.dim elements
/// Derivative: dx is dy turned back
/// Accuracy:   2 ulp of the pair's length; angles are computed in double
/// Saves:      a table of time x dim
/// Throws:     ShapeError when dim is odd or rows are no whole heads; ValueError for a base that is not above 0; a
///             dtype that is not float or double does not compile
/// Source:     Su et al., RoFormer: enhanced transformer with rotary position embedding, 2021, arXiv 2104.09864, eq. 34
struct RotaryEmbedding {
  static constexpr std::string_view name = "rotary_embedding";
  static constexpr bool dense_operands = true;
  double base;
  Index start;
  kernel::Rotary rotary;

  template <class S> S shape(Loc, const S& x) const { return x; }
  template <class X> Index saved_bytes(X) const {
    return rotary.table_size() * static_cast<Index>(sizeof(primal_t<std::remove_cvref_t<decltype(*X{}.data)>>));
  }
  template <class Y, class X> void forward(std::byte* saved, Y y, X x) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    kernel::rotary_table(rotary, base, start, reinterpret_cast<primal_t<T>*>(saved));
    turn<false>(saved, false, x.data, y.size(), y.data);
  }
  template <class Y, class X, class DX> void backward(const std::byte* saved, Y, Y dy, X, DX dx) const {
    if (!dx) return;
    if (dx.mode == Write::add) turn<true>(saved, true, dy.data, dy.size(), dx.data);
    else turn<false>(saved, true, dy.data, dy.size(), dx.data);
  }

 private:
  template <bool Add, class T>
  void turn(const std::byte* table, bool backwards, const T* x, Index elements, T* y) const {
    if (elements == 0) return;
    const Index grain = (Index{1} << 15) / rotary.columns + 1;
    simd::parallel_for(elements / rotary.columns, grain, [&](Index first, Index last) {
      kernel::rotate_rows<Add>(rotary, reinterpret_cast<const primal_t<T>*>(table), backwards, x, y, first, last);
    });
  }
};

template <tensor_like X> auto rotary_embedding(X&& x, RotaryOptions options = {}, Loc at = Loc::current()) {
  using S = shape_of_t<X>;
  static_assert(S::rank >= 2, "tenon::rotary_embedding: x is (..., time, columns)");
  static_assert(std::is_floating_point_v<primal_t<dtype_of_t<X>>>,
                "tenon::rotary_embedding: x is of float or double; write cast<float>(x)");
  const Index time = x.shape()[S::rank - 2], columns = x.shape()[S::rank - 1];
  const Index dim = options.dim == 0 ? columns : options.dim;
  const Index heads = options.heads > 0 || dim <= 0 ? options.heads : columns / dim;
  if (dim < 0 || dim % 2 != 0 || (dim > 0 && columns % dim != 0) || heads < 0 || heads * dim > columns) [[unlikely]]
    throw ShapeError(at,
                     "tenon::rotary_embedding: rows of x of shape " + to_string(x.shape()) + " do not hold " +
                         std::to_string(heads) + " heads of dim " + std::to_string(dim),
                     "give an even dim that divides the rows, and no more heads than they hold");
  if (!(options.base > 0)) [[unlikely]]
    throw ValueError(at, "tenon::rotary_embedding: base is " + std::to_string(options.base),
                     "give a positive number, for example 10000");
  return structured(RotaryEmbedding{options.base, options.start, {time, columns, dim, heads, options.halves}}, at,
                    std::forward<X>(x));
}

}  // namespace tenon::inline TENON_ABI
