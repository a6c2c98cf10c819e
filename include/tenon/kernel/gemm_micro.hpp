// The innermost loop of a matrix product: a tile of c held in registers while k runs.
#pragma once

#include <utility>

#include "tenon/simd/tail.hpp"

namespace tenon::inline TENON_ABI::kernel {

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

  /// Rows of the next tile when `left` rows remain: full tiles, then 8, 4, 2, 1.
  static constexpr Index next_rows(Index left) {
    if (left >= rows) return rows;
    if (many_registers && left >= 8) return 8;
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }
};

/// What the tiles of one block share. Strides in elements; the columns of b and c are contiguous.
template <class T> struct TileLoop {
  Index k;
  Index a_row, a_column;  ///< a(i, p) = a[i * a_row + p * a_column]
  Index b_row;
  Index c_row;
  bool add;  ///< c += a b, else c = a b
};

/// f(0), ..., f(N - 1) with constants for arguments, inlined: only so do both compilers keep an array in registers.
template <Index N, class F> TENON_ALWAYS_INLINE void unrolled(F f) {
  [&]<Index... I>(std::integer_sequence<Index, I...>) __attribute__((always_inline)) {
    (f(std::integral_constant<Index, I>{}), ...);
  }
  (std::make_integer_sequence<Index, N>{});
}

/// c (R, V vectors) = or += a (R, k) b (k, V vectors). Each element is one chain of multiply-adds over k from zero, in
/// order, whatever the tile: so an element's bits do not depend on where tiles begin.
/// UnitA: a_row is 1 (a packed panel, or a transposed matrix). Ragged: the last vector has the lanes of `tail` only; b
/// is then read by mask, or, where the machine has none (Tail::exact is false), b must be padded to full vectors.
template <class T, Index R, Index V, bool UnitA, bool Ragged>
[[gnu::noinline]] void tile(const TileLoop<T>& loop, const T* a, const T* b, T* c, simd::Tail<T> tail) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  const Index a_row = UnitA ? 1 : loop.a_row, a_column = loop.a_column, b_row = loop.b_row, c_row = loop.c_row;
  // Rows are reached in threes, start + {0, 1, 2} a_row, which the machine addresses without more registers.
  const Index three_rows = 3 * a_row;
  B sum[R][V];
  unrolled<R * V>([&](auto e) __attribute__((always_inline)) { sum[e / V][e % V] = B(T(0)); });
  unrolled<R * V>([&](auto e) __attribute__((always_inline)) { __builtin_prefetch(c + e / V * c_row + e % V * W, 1); });
  for (Index p = loop.k; p > 0; --p) {
    B x[V];
    unrolled<V>([&](auto v) __attribute__((always_inline)) {
      if constexpr (Ragged && simd::Tail<T>::exact && v == V - 1) x[v] = tail.load(b + v * W);
      else x[v] = B::load(b + v * W);
    });
    const T* three = a;
    unrolled<R>([&](auto i) __attribute__((always_inline)) {
      if (i > 0 && i % 3 == 0) three += three_rows;
      // Empty: hides from clang how the pointer was made; it would reach row after row by a chain of R additions.
      if (i % 3 == 0 && !UnitA) asm("" : "+r"(three));
      const B y(three[(i % 3) * a_row]);
      unrolled<V>([&](auto v) __attribute__((always_inline)) { sum[i][v] = fma(y, x[v], sum[i][v]); });
    });
    a += a_column;
    b += b_row;
  }
  const auto write = [&](auto add) __attribute__((always_inline)) {
    unrolled<R * V>([&](auto e) __attribute__((always_inline)) {
      constexpr Index i = e / V, v = e % V;
      T* at = c + i * c_row + v * W;
      if constexpr (Ragged && v == V - 1) tail.store(at, add ? tail.load(at) + sum[i][v] : sum[i][v]);
      else (add ? B::load(at) + sum[i][v] : sum[i][v]).store(at);
    });
  };
  if (loop.add) write(std::true_type{});
  else write(std::false_type{});
}

/// An edge tile: fewer rows (TileShape::next_rows gives them) or columns than a full one.
template <class T, Index V>
void edge_tile(Index rows, const TileLoop<T>& loop, const T* a, const T* b, T* c, simd::Tail<T> tail) {
  if (rows == 1) return tile<T, 1, V, false, true>(loop, a, b, c, tail);
  if (rows == 2) return tile<T, 2, V, false, true>(loop, a, b, c, tail);
  if (rows == 4) return tile<T, 4, V, false, true>(loop, a, b, c, tail);
  if constexpr (TileShape<T>::many_registers)
    if (rows == 8) return tile<T, 8, V, false, true>(loop, a, b, c, tail);
  tile<T, TileShape<T>::rows, V, false, true>(loop, a, b, c, tail);
}

/// The tile with `rows` (from TileShape::next_rows) and `columns` (1 .. TileShape::columns).
template <class T> void any_tile(Index rows, Index columns, const TileLoop<T>& loop, const T* a, const T* b, T* c) {
  using S = TileShape<T>;
  if (rows == S::rows && columns == S::columns) {
    const auto whole = simd::Tail<T>::first(S::lanes);
    if (loop.a_row == 1) return tile<T, S::rows, S::vectors, true, false>(loop, a, b, c, whole);
    return tile<T, S::rows, S::vectors, false, false>(loop, a, b, c, whole);
  }
  if (columns <= S::lanes) return edge_tile<T, 1>(rows, loop, a, b, c, simd::Tail<T>::first(columns));
  edge_tile<T, S::vectors>(rows, loop, a, b, c, simd::Tail<T>::first(columns - S::lanes));
}

}  // namespace tenon::inline TENON_ABI::kernel
