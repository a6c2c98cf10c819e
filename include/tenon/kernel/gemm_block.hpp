// The loops around the tile: blocks of k and of columns that suit the caches, and what is packed for them.
#pragma once

#include "tenon/kernel/gemm_pack.hpp"
#include "tenon/shape/span.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// An epilogue without its type, so that the loops below are compiled once for each T.
struct BlockDone {
  void* self = nullptr;
  void (*call)(void*, Index i, Index j, Index rows, Index columns) = nullptr;
  bool transposed = false;  ///< the product is computed as its transpose: swap what the epilogue is told

  void operator()(Index i, Index j, Index rows, Index columns) const {
    if (call == nullptr) return;
    if (transposed)
      call(self, j, i, columns, rows);
    else
      call(self, i, j, rows, columns);
  }
};

/// Sizes of a block. A panel of a (rows x k) stays in L1 (12 KiB with AVX-512) while a block of b (k x columns) streams
/// from L2; k is the same for all sizes and machines, because it fixes the order of summation.
template <class T>
struct BlockShape {
  static constexpr Index k = 256;
  /// 512 KiB of b: half of the smallest L2 of the machines with 512-bit lanes; 256 KiB on the others.
  static constexpr Index columns = (TileShape<T>::many_registers ? 524288 : 262144) / (k * static_cast<Index>(sizeof(T)));
  /// The epilogue gets whole row panels of at least this many bytes.
  static constexpr Index epilogue_bytes = 16384;
};

constexpr Index smaller(Index a, Index b) { return a < b ? a : b; }
constexpr Index rounded_up(Index n, Index unit) { return (n + unit - 1) / unit * unit; }

/// Elements of scratch: a packed block of b, then a packed panel of a; each with the vector more that pack asks for.
template <class T>
struct Scratch {
  Index b, a;
  static constexpr Scratch for_sizes(Index n, Index k) {
    const Index depth = smaller(k, BlockShape<T>::k);
    const Index width = rounded_up(smaller(n, BlockShape<T>::columns), TileShape<T>::columns);
    return {depth * width + TileShape<T>::lanes, rounded_up(depth * TileShape<T>::rows, 16) + TileShape<T>::lanes};
  }
  constexpr Index bytes() const { return (a + b) * static_cast<Index>(sizeof(T)); }
};

/// One block product: columns j .. j + columns of c, k of them summed from p on.
template <class T>
struct Block {
  Matrix<const T> a, b;
  Matrix<T> c;
  Index j, columns, p, k;
  bool add;
  T *packed_a, *packed_b;  ///< null: read in place
};

/// c's tile through a temporary, for columns that are not contiguous.
template <class T>
void scattered_tile(Index rows, Index columns, TileLoop<T> loop, const T* a, const T* b, T* c, Matrix<T> whole) {
  alignas(64) T sums[TileShape<T>::rows * TileShape<T>::columns];
  const bool add = loop.add;
  loop.c_row = TileShape<T>::columns;
  loop.add = false;
  any_tile(rows, columns, loop, a, b, sums);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) {
      T& at = c[i * whole.stride[0] + j * whole.stride[1]];
      const T sum = sums[i * TileShape<T>::columns + j];
      at = add ? at + sum : sum;
    }
}

/// The tiles of one panel of rows, from row i on. The first panel packs b as it comes to it.
template <class T>
void multiply_panel(const Block<T>& s, Index i, Index rows) {
  using S = TileShape<T>;
  TileLoop<T> loop{s.k, s.a.stride[0], s.a.stride[1], s.b.stride[0], s.c.stride[0], s.add};
  const T* a = &s.a(i, s.p);
  if (s.packed_a != nullptr) {
    pack<T>({a, loop.a_row, loop.a_column, rows, s.k}, s.packed_a, rows);
    a = s.packed_a;
    loop.a_row = 1;
    loop.a_column = rows;
  }
  for (Index j = 0; j < s.columns; j += S::columns) {
    const Index columns = smaller(S::columns, s.columns - j);
    const T* b = &s.b(s.p, s.j + j);
    if (s.packed_b != nullptr) {
      T* panel = s.packed_b + j * s.k;
      loop.b_row = rounded_up(columns, S::lanes);
      if (i == 0) pack<T>({b, s.b.stride[1], s.b.stride[0], columns, s.k}, panel, loop.b_row);
      b = panel;
    }
    T* c = &s.c(i, s.j + j);
    if (s.c.stride[1] == 1)
      any_tile(rows, columns, loop, a, b, c);
    else
      scattered_tile(rows, columns, loop, a, b, c, s.c);
  }
}

/// One block, a panel of rows after the other; `done` (when `last`) hears of whole rows of the block.
template <class T>
void multiply_block(const Block<T>& s, bool last, const BlockDone& done) {
  const Index m = s.c.extent[0];
  const Index bytes_per_row = s.columns * static_cast<Index>(sizeof(T));
  Index told = 0;
  for (Index i = 0; i < m;) {
    const Index rows = TileShape<T>::next_rows(m - i);
    multiply_panel(s, i, rows);
    i += rows;
    if (last && (i == m || (i - told) * bytes_per_row >= BlockShape<T>::epilogue_bytes)) {
      done(told, s.j, i - told, s.columns);
      told = i;
    }
  }
}

/// Whether a tile may read b in place, and whether that is faster than a copy.
template <class T>
bool wants_packed_b(Matrix<const T> b, Index m) {
  if (b.stride[1] != 1) return true;
  const Index k = b.extent[0], n = b.extent[1];
  if (!Tail<T>::exact && n % TileShape<T>::lanes != 0) return true;
  return m > 2 * TileShape<T>::rows && k * n * static_cast<Index>(sizeof(T)) > 131072;
}
template <class T>
bool wants_packed_a(Matrix<const T> a, Index n) {
  return n > 4 * TileShape<T>::columns && a.extent[1] > 64;
}

/// c = or += a b for m, n > 1 and k > 0.
template <class T>
[[gnu::noinline]] void multiply(Matrix<const T> a, Matrix<const T> b, Matrix<T> c, Write mode, T* scratch,
                                const BlockDone& done) {
  const Index n = c.extent[1], k = a.extent[1];
  T* packed_b = wants_packed_b(b, c.extent[0]) ? scratch : nullptr;
  T* packed_a = wants_packed_a(a, n) ? scratch + Scratch<T>::for_sizes(n, k).b : nullptr;
  for (Index j = 0; j < n; j += BlockShape<T>::columns) {
    const Index columns = smaller(BlockShape<T>::columns, n - j);
    for (Index p = 0; p < k; p += BlockShape<T>::k) {
      const Index depth = smaller(BlockShape<T>::k, k - p);
      const bool add = p > 0 || mode == Write::add;
      multiply_block<T>({a, b, c, j, columns, p, depth, add, packed_a, packed_b}, p + depth == k, done);
    }
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
