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
    if (transposed) call(self, j, i, columns, rows);
    else call(self, i, j, rows, columns);
  }
};

constexpr Index smaller(Index a, Index b) { return a < b ? a : b; }
constexpr Index rounded_up(Index n, Index unit) { return (n + unit - 1) / unit * unit; }

/// Sizes of a block. A panel of a (rows x k, 24 KiB of float with 512-bit lanes) stays in L1 while a block of b
/// (k x columns, `bytes`) streams from L2: up to 1 MiB where lanes have 512 bits, as those machines have 1 MiB or more,
/// 288 KiB elsewhere.
template <class T> struct BlockShape {
  /// At most. Independent of the machine, because it fixes the order of summation.
  static constexpr Index k = sizeof(T) == 4 ? 512 : 384;
  static constexpr Index bytes = (TileShape<T>::many_registers ? 1024 : 288) * 1024;
  /// Panels of a packed together: their rows fill whole cache lines of a transposed a.
  static constexpr Index panels = 4;
  /// The epilogue gets whole row panels of at least this many bytes.
  static constexpr Index epilogue_bytes = 16384;

  /// n in equal parts of at most `most`, each but the last a multiple of `unit`: the length of one.
  static constexpr Index part(Index n, Index most, Index unit) {
    if (n <= most) return n;
    const Index parts = (n + most - 1) / most;
    return rounded_up((n + parts - 1) / parts, unit);
  }
  static constexpr Index depth(Index whole_k) { return part(whole_k, k, 1); }
  /// Columns of a block, at most: rows of a block of c have 4 KiB or less, so that a panel of them suits the epilogue.
  static constexpr Index most_columns = 4096 / static_cast<Index>(sizeof(T));
  static constexpr Index most_columns_at(Index depth) {
    return smaller(bytes / (depth * static_cast<Index>(sizeof(T))), most_columns);
  }
  /// Whether n columns are one block, without a division.
  static constexpr bool is_one(Index n, Index depth) {
    return n <= most_columns && n * depth * static_cast<Index>(sizeof(T)) <= bytes;
  }
  static constexpr Index columns(Index n, Index depth) {
    return is_one(n, depth) ? n : part(n, most_columns_at(depth), TileShape<T>::columns);
  }
};

/// Elements of scratch: a packed block of b, then panels of a, each `panel` apart; with the vector more that pack asks
/// for.
template <class T> struct Scratch {
  Index b, panel;
  static constexpr Scratch for_sizes(Index n, Index k) {
    const Index depth = BlockShape<T>::depth(k);
    // Not columns(n, depth), which is less for some larger n: what suffices for n has to for fewer columns.
    const Index most = BlockShape<T>::is_one(n, depth) ? n : BlockShape<T>::most_columns_at(depth);
    const Index width = rounded_up(most, TileShape<T>::columns);
    return {depth * width + TileShape<T>::lanes, rounded_up(depth * TileShape<T>::rows + TileShape<T>::lanes, 16)};
  }
  constexpr Index bytes() const { return (b + BlockShape<T>::panels * panel) * static_cast<Index>(sizeof(T)); }
};

/// What is asked: c = a b, or c += a b.
template <class T> struct Product {
  Matrix<const T> a, b;
  Matrix<T> c;
  bool add;
  T* scratch;
  BlockDone done;

  /// c^T = b^T a^T
  void transpose() {
    const Matrix<const T> old_a = a;
    a = transposed(b);
    b = transposed(old_a);
    c = transposed(c);
    done.transposed = !done.transposed;
  }
};

/// Columns j .. j + columns of c, k of them summed from p on.
template <class T> struct Block {
  const Product<T>& of;
  Index j, columns, p, k;
  bool add, last;
  T *packed_a, *packed_b;  ///< null: read in place
  Index packed_panel;
};

/// c's tiles, up to TileShape::rows of whatever height, through a temporary, for columns that are not contiguous; when
/// the rows of c are side by side in memory (c is transposed), they are read and written by small transposes.
template <class T>
[[gnu::noinline]] void scattered_tile(Index rows, Index columns, TileLoop<T> loop, const T* a, const T* b, T* c,
                                      Index c_column) {
  constexpr Index width = TileShape<T>::columns;
  alignas(64) T sums[TileShape<T>::rows * width];
  const Index c_row = loop.c_row;
  if (loop.add) {
    const Strip<T> from{c, c_column, c_row, columns, rows};
    if (c_row == 1) pack_lines(from, sums, width);
    else pack_elements(from, 0, columns, 0, rows, sums, width);
  }
  loop.c_row = width;
  for (Index r = 0, height = 0; r < rows; r += height) {
    height = TileShape<T>::next_rows(rows - r);
    any_tile(height, columns, loop, a + r * loop.a_row, b, sums + r * width);
  }
  if (c_row == 1) return pack_lines<T>({sums, width, 1, rows, columns}, c, c_column);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) c[i * c_row + j * c_column] = sums[i * width + j];
}

/// What full tiles of the panel from row i on fetch from outer caches. Processors foresee a few streams of contiguous
/// lines, but neither rows of b some distance apart, of which a tile reads two cache lines each, nor those of a
/// transposed a.
template <class T> Ahead<T> to_fetch(const Block<T>& s, Index i) {
  using S = TileShape<T>;
  const Product<T>& of = s.of;
  const Index tiles = s.columns / S::columns, next = i + S::rows;
  const auto parts = [](Index n, Index size) { return (n + size - 1) / size; };
  if (tiles == 0 || s.k < 128) return {};  // short ones cost more to fetch than to wait for
  if (i == 0 && s.packed_b == nullptr) {   // the next tile of b
    const Index row = of.b.stride[0], pieces = parts(s.k, Ahead<T>::groups);
    return {&of.b(s.p, s.j + S::columns), tiles - 1, 1, pieces, S::lanes, row, 0, pieces * row, S::columns};
  }
  if (next + S::rows > of.c.extent[0]) return {};
  if (of.a.stride[1] == 1) {  // the next rows of a, a few in each tile
    const Index row = of.a.stride[0], rows = parts(S::rows, tiles), pieces = parts(s.k, S::columns * Ahead<T>::groups);
    return {&of.a(next, s.p), parts(S::rows, rows), rows, pieces, S::lanes, S::columns, row, pieces * S::columns,
            rows * row};
  }
  // Its next columns: of each the last line, as this panel or the fetch before reached the one in front.
  const Index column = of.a.stride[1], pieces = parts(s.k, 2 * tiles * Ahead<T>::groups), group = 2 * pieces * column;
  return {&of.a(next + S::rows - 1, s.p), tiles, 1, pieces, column, 2 * column, 0, group, Ahead<T>::groups * group};
}

/// The tiles of one panel of rows, from row i on. The first panel packs b as it comes to it. packed_a: the panel, or
/// null.
template <class T> TENON_ALWAYS_INLINE void multiply_panel(const Block<T>& s, Index i, Index rows, const T* packed_a) {
  using S = TileShape<T>;
  const Product<T>& of = s.of;
  TileLoop<T> loop{s.k, of.a.stride[0], of.a.stride[1], of.b.stride[0], of.c.stride[0], s.add};
  const T* a = &of.a(i, s.p);
  if (packed_a != nullptr) {
    a = packed_a;
    loop.a_row = 1;
    loop.a_column = rows;
  }
  const bool packs_b = s.packed_b != nullptr && i == 0, scatters = of.c.stride[1] != 1;
  loop.next_b = s.packed_b != nullptr ? s.k * S::columns : S::columns;
  const Ahead<T> ahead = rows == S::rows && packed_a == nullptr ? to_fetch(s, i) : Ahead<T>{};
  for (Index j = 0; j < s.columns; j += loop.tiles * S::columns) {
    const Index columns = smaller(S::columns, s.columns - j);
    loop.tiles = packs_b || scatters || columns < S::columns ? 1 : (s.columns - j) / S::columns;
    if (const Index done = j / S::columns; done < ahead.tiles) {
      loop.ahead = ahead;
      loop.ahead.from += done * ahead.next_tile;
      loop.ahead.tiles -= done;
    } else {
      loop.ahead.tiles = 0;
    }
    const T* b = &of.b(s.p, s.j + j);
    if (s.packed_b != nullptr) {
      T* panel = s.packed_b + j * s.k;
      loop.b_row = columns <= S::lanes ? S::lanes : S::columns;
      if (packs_b) pack<T>({b, of.b.stride[1], of.b.stride[0], columns, s.k}, 1, panel, loop.b_row, 0);
      b = panel;
    }
    T* c = &of.c(i, s.j + j);
    if (scatters) scattered_tile(rows, columns, loop, a, b, c, of.c.stride[1]);
    else any_tile(rows, columns, loop, a, b, c);
  }
}

/// One block, a panel of rows after the other; the epilogue hears of whole rows of the block. Only full panels of a are
/// packed: what remains below them is a few rows.
template <class T> [[gnu::noinline]] void multiply_block(const Block<T>& s) {
  constexpr Index R = TileShape<T>::rows, group = BlockShape<T>::panels;
  const Product<T>& of = s.of;
  const Index m = of.c.extent[0], row_bytes = s.columns * static_cast<Index>(sizeof(T));
  Index told = 0, packed_from = 0, packed_to = 0;
  for (Index i = 0; i < m;) {
    const Index rows = of.c.stride[1] != 1 ? smaller(R, m - i) : TileShape<T>::next_rows(m - i);
    if (s.packed_a != nullptr && rows == R && i == packed_to) {
      Index full = 1;
      while (full < group && TileShape<T>::next_rows(m - i - full * R) == R) ++full;
      pack<T>({&of.a(i, s.p), of.a.stride[0], of.a.stride[1], R, s.k}, full, s.packed_a, R, s.packed_panel);
      packed_from = i;
      packed_to = i + full * R;
    }
    multiply_panel(s, i, rows, i < packed_to ? s.packed_a + (i - packed_from) / R * s.packed_panel : nullptr);
    i += rows;
    if (s.last && (i == m || (i - told) * row_bytes >= BlockShape<T>::epilogue_bytes)) {
      of.done(told, s.j, i - told, s.columns);
      told = i;
    }
  }
}

/// Whether lines `stride` elements apart, read in place, cost more than a copy: each starts a page or more behind the
/// last, so that they contend for the same sets of the caches and for the page table's, and a part of k of them spreads
/// beyond `bytes`. Closer ones are fetched ahead in time.
template <class T> constexpr bool are_far_apart(Index k, Index stride, Index bytes) {
  const Index step = stride * static_cast<Index>(sizeof(T));
  return step >= 4096 && BlockShape<T>::depth(k) * step > bytes;
}
/// Whether tiles cannot read b in place, or slower than a copy that serves many panels of a.
template <class T> bool wants_packed_b(const Matrix<const T>& b, Index m) {
  if (b.stride[1] != 1) return true;
  if (!simd::Tail<T>::exact && b.extent[1] % TileShape<T>::lanes != 0) return true;
  return m >= 16 * TileShape<T>::rows && are_far_apart<T>(b.extent[0], b.stride[0], BlockShape<T>::bytes);
}
/// Likewise a. Contiguous rows are read in place, their few streams suit every cache.
template <class T> bool wants_packed_a(const Matrix<const T>& a, Index n) {
  return a.stride[1] != 1 && n > 2 * TileShape<T>::columns && are_far_apart<T>(a.extent[1], a.stride[1], 384 * 1024);
}

/// c = or += a b for m, n > 1 and k > 0.
template <class T> [[gnu::noinline]] void multiply(const Product<T>& of) {
  const Index n = of.c.extent[1], k = of.a.extent[1];
  const Scratch<T> scratch = Scratch<T>::for_sizes(n, k);
  T* packed_b = wants_packed_b(of.b, of.c.extent[0]) ? of.scratch : nullptr;
  T* packed_a = wants_packed_a(of.a, n) ? of.scratch + scratch.b : nullptr;
  const Index part = BlockShape<T>::depth(k), width = BlockShape<T>::columns(n, part);
  for (Index j = 0; j < n; j += width) {
    const Index columns = smaller(width, n - j);
    for (Index p = 0; p < k; p += part) {
      const Index depth = smaller(part, k - p);
      multiply_block<T>({of, j, columns, p, depth, p > 0 || of.add, p + depth == k, packed_a, packed_b, scratch.panel});
    }
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
