// The innermost loop of a matrix product: a tile of c held in registers while k runs.
#pragma once

#include "tenon/simd/tail.hpp"
#include "tenon/simd/unrolled.hpp"

namespace tenon::inline TENON_ABI::kernel {

using simd::unrolled;

/// Rows x vectors of the tile. 32 vector registers hold 12 x 2 sums, 2 vectors of b and the broadcast of a; 16 hold
/// 6 x 2. Both sums are twice what the latency of two multiply-add units needs (4 cycles x 2).
template <class T> struct TileShape {
#if defined(__aarch64__)
  static constexpr bool many_registers = true;
#else
  static constexpr bool many_registers = sizeof(simd::Batch<T>) == 64;
#endif
  static constexpr Index lanes = simd::Batch<T>::size;
  static constexpr Index rows = many_registers ? 12 : 6;
  static constexpr Index vectors = 2;
  static constexpr Index columns = vectors * lanes;

  /// Rows of the next tile when `left` rows remain: full tiles, then what takes the fewest cycles when a tile of up to 4
  /// rows costs as much as one of 4, because its few sums wait for themselves.
  static constexpr Index next_rows(Index left) {
    constexpr signed char last_of_12[] = {0, 1, 2, 2, 4, 4, 6, 6, 8, 8, 6, 8, 12, 12, 8, 12, 8, 8, 12, 12};
    constexpr signed char last_of_6[] = {0, 1, 2, 2, 4, 4, 6, 6, 4};
    if constexpr (many_registers) return left < 20 ? last_of_12[left] : rows;
    else return left < 9 ? last_of_6[left] : rows;
  }
};

/// What later tiles will read, fetched into L2 while full tiles run: in the first `tiles` of them four times `rows` rows
/// of `pieces` pairs of cache lines. Distances in elements.
template <class T> struct Ahead {
  static constexpr Index groups = 8;
  const T* from = nullptr;
  Index tiles = 0, rows = 0, pieces = 0;
  Index second = 0, next_piece = 0, next_row = 0, next_group = 0, next_tile = 0;

  TENON_ALWAYS_INLINE void fetch(const T* group) const {
    for (Index r = rows; r > 0; --r, group += next_row) {
      const T* piece = group;
      for (Index n = pieces; n > 0; --n, piece += next_piece) {
        __builtin_prefetch(piece, 0, 2);
        __builtin_prefetch(piece + second, 0, 2);
      }
    }
  }
};

/// What the tiles of one block share. Strides in elements; the columns of b and c are contiguous.
template <class T> struct TileLoop {
  Index k;
  Index a_row, a_column;  ///< a(i, p) = a[i * a_row + p * a_column]
  Index b_row;
  Index c_row;
  bool add;  ///< c += a b, else c = a b
  /// So many tiles side by side in one call; from one to the next, b moves on by so many elements, and c by its columns.
  Index tiles = 1, next_b = 0;
  Ahead<T> ahead = {};
};

/// sum (R, V vectors) += a (R, k) b (k, V vectors). a and b move on by k. Fetch: a and b are fetched ahead.
template <class T, Index R, Index V, bool Ragged, bool Fetch = (V > 1)>
TENON_ALWAYS_INLINE void add_products(Index k, const TileLoop<T>& loop, const T*& a, const T*& b, simd::Tail<T> tail,
                                      simd::Batch<T> (&sum)[R][V]) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  const Index a_row = loop.a_row, a_column = loop.a_column, b_row = loop.b_row;
  // Rows are reached in threes, start + {0, 1, 2} a_row, which the machine addresses without more registers.
  const Index three_rows = 3 * a_row;
  // Processors foresee what lies side by side, not rows of b, or of a transposed a, that are far apart: fetched into L1
  // 8 steps (of a full tile, some 100 cycles) before their use. More would not fit there when rows are 4 KiB apart.
  constexpr Index steps = 8, line = 64 / static_cast<Index>(sizeof(T));
  const Index a_ahead = steps * a_column, b_ahead = steps * b_row;
  for (; k > 0; --k) {
    B x[V];
    if constexpr (Fetch) {
      const T* next = a + a_ahead;
      asm("" : "+r"(next));  // as below: one register for what is fetched, not one for each line
      __builtin_prefetch(next);
      if constexpr (2 * R > line) __builtin_prefetch(next + R - 1);
      next = b + b_ahead;
      asm("" : "+r"(next));
      unrolled<V>([&](Index v) TENON_INLINE_LAMBDA {
        if (v * W % line == 0) __builtin_prefetch(next + v * W);
      });
    }
    unrolled<V>([&](Index v) TENON_INLINE_LAMBDA {
      if (Ragged && simd::Tail<T>::exact && v == V - 1) x[v] = tail.load(b + v * W);
      else x[v] = B::load(b + v * W);
    });
    const T* three = a;
    unrolled<R>([&](Index i) TENON_INLINE_LAMBDA {
      if (i > 0 && i % 3 == 0) three += three_rows;
      // Empty: hides how the pointer was made from clang, which would reach row after row by a chain of R additions.
      if (i % 3 == 0) asm("" : "+r"(three));
      const B y(three[(i % 3) * a_row]);
      unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { sum[i][v] = fma(y, x[v], sum[i][v]); });
    });
    a += a_column;
    b += b_row;
  }
}

/// c (R, V vectors) = or += sum.
template <class T, Index R, Index V, bool Ragged>
TENON_ALWAYS_INLINE void write_tile(T* c, Index c_row, bool add, simd::Tail<T> tail, simd::Batch<T> (&sum)[R][V]) {
  using B = simd::Batch<T>;
  const auto write = [&](bool adds) TENON_INLINE_LAMBDA {
    unrolled<R>([&](Index i) TENON_INLINE_LAMBDA {
      asm("" : "+r"(c));  // as above: one pointer, not one for each row made in advance
      unrolled<V>([&](Index v) TENON_INLINE_LAMBDA {
        T* at = c + v * B::size;
        if (Ragged && v == V - 1) tail.store(at, adds ? tail.load(at) + sum[i][v] : sum[i][v]);
        else (adds ? B::load(at) + sum[i][v] : sum[i][v]).store(at);
      });
      c += c_row;
    });
  };
  if (add) write(true);
  else write(false);
}

/// sum (R, V vectors) = a (R, k) b (k, V vectors) while `ahead` and what follows it is fetched: spread over k, because in
/// one burst it would take the buffers that lines of b need on their way from L2.
template <class T, Index R, Index V>
TENON_ALWAYS_INLINE void add_products_and_fetch(const TileLoop<T>& loop, const T* a, const T* b, const T* ahead,
                                                simd::Tail<T> tail, simd::Batch<T> (&sum)[R][V]) {
  const Index part = (loop.k + Ahead<T>::groups - 1) / Ahead<T>::groups;
  for (Index left = loop.k; left > 0; left -= part, ahead += loop.ahead.next_group) {
    loop.ahead.fetch(ahead);
    add_products<T, R, V, false>(left < part ? left : part, loop, a, b, tail, sum);
  }
}

/// c (R, V vectors) = or += a (R, k) b (k, V vectors), for `loop.tiles` tiles side by side when V is that of full tiles.
/// Each element is one chain of multiply-adds over k from zero, in order, whatever the tile: so an element's bits do not
/// depend on where tiles begin.
/// Ragged: the last vector has the lanes of `tail` only; b is then read by mask, or, where the machine has none
/// (Tail::exact is false), b must be padded to full vectors.
/// c is not fetched ahead: its lines would take the buffers that those of b need.
template <class T, Index R, Index V, bool Ragged>
[[gnu::noinline]] void tile(const TileLoop<T>& loop, const T* a, const T* b, T* c, simd::Tail<T> tail) {
  for (Index t = 0;;) {
    simd::Batch<T> sum[R][V];
    unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V] = simd::Batch<T>(T(0)); });
    if (Ragged || t >= loop.ahead.tiles) {
      const T *from_a = a, *from_b = b;
      add_products<T, R, V, Ragged>(loop.k, loop, from_a, from_b, tail, sum);
    } else if constexpr (!Ragged) {
      add_products_and_fetch<T, R, V>(loop, a, b, loop.ahead.from + t * loop.ahead.next_tile, tail, sum);
    }
    write_tile<T, R, V, Ragged>(c, loop.c_row, loop.add, tail, sum);
    if (V < TileShape<T>::vectors || ++t >= loop.tiles) return;
    b += loop.next_b;
    c += V * simd::Batch<T>::size;
  }
}

/// An edge tile: fewer rows (TileShape::next_rows gives them) or columns than a full one.
template <class T, Index V>
void edge_tile(Index rows, const TileLoop<T>& loop, const T* a, const T* b, T* c, simd::Tail<T> tail) {
  switch (rows) {
    case 1:
      return tile<T, 1, V, true>(loop, a, b, c, tail);
    case 2:
      return tile<T, 2, V, true>(loop, a, b, c, tail);
    case 4:
      return tile<T, 4, V, true>(loop, a, b, c, tail);
    case 6:
      return tile<T, 6, V, true>(loop, a, b, c, tail);
    default:
      break;
  }
  if constexpr (TileShape<T>::many_registers) {
    if (rows == 8) return tile<T, 8, V, true>(loop, a, b, c, tail);
    tile<T, 12, V, true>(loop, a, b, c, tail);
  }
}

/// The tile with `rows` (from TileShape::next_rows) and `columns` (1 .. TileShape::columns).
template <class T> void any_tile(Index rows, Index columns, const TileLoop<T>& loop, const T* a, const T* b, T* c) {
  using S = TileShape<T>;
  if (rows == S::rows && columns == S::columns)
    return tile<T, S::rows, S::vectors, false>(loop, a, b, c, simd::Tail<T>::first(S::lanes));
  if (columns <= S::lanes) return edge_tile<T, 1>(rows, loop, a, b, c, simd::Tail<T>::first(columns));
  edge_tile<T, S::vectors>(rows, loop, a, b, c, simd::Tail<T>::first(columns - S::lanes));
}

}  // namespace tenon::inline TENON_ABI::kernel
