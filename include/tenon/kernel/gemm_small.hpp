// Small products: one block, tiles that read a and b where they lie, no scratch.
#pragma once

#include "tenon/kernel/gemm_block.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Elements of b that a small product may copy to the stack: 16 KiB of float.
inline constexpr Index small_room = 4096;

/// Whether tiles of a small product cannot read b in place.
template <class T> bool small_packs_b(const Matrix<const T>& b) {
  return b.stride[1] != 1 || (!simd::Tail<T>::exact && b.extent[1] % TileShape<T>::lanes != 0);
}
/// Whether c (m, n > 1) is so small that nothing is worth a decision: one block, told as a whole, b alone packed.
template <class T> bool is_small(const Matrix<const T>& a, const Matrix<const T>& b, const Matrix<T>& c) {
  constexpr Index W = TileShape<T>::lanes;
  const Index m = c.extent[0], n = c.extent[1], k = a.extent[1];
  return m * n * static_cast<Index>(sizeof(T)) <= BlockShape<T>::epilogue_bytes && n > 1 && m > 1 && k > 1 &&
         k <= BlockShape<T>::k && c.stride[1] == 1 && (n >= W || m < 2 * W) &&
         (!small_packs_b(b) || k * rounded_up(n, TileShape<T>::columns) <= small_room);
}
/// b as the tiles read it, one beside the other; rows of the last one `last_row` long.
template <class T> void pack_small(const Matrix<const T>& b, Index last_row, T* packed) {
  constexpr Index width = TileShape<T>::columns;
  const Index k = b.extent[0], n = b.extent[1];
  for (Index j = 0; j < n; j += width) {
    const Index columns = smaller(width, n - j);
    pack<T>({b.data + j * b.stride[1], b.stride[1], b.stride[0], columns, k}, 1, packed + j * k,
            columns == width ? width : last_row, 0);
  }
}
/// c = or += a b for a small c: the same tiles as elsewhere; b as it lies (`packed` is null), or packed there, small_room
/// and a vector more.
template <class T>
[[gnu::noinline]] void multiply_small(const Matrix<const T>& a, const Matrix<const T>& b, const Matrix<T>& c, bool add,
                                      T* packed) {
  using S = TileShape<T>;
  const Index m = c.extent[0], n = c.extent[1], k = a.extent[1], whole = n / S::columns, rest = n % S::columns;
  TileLoop<T> loop{k, a.stride[0], a.stride[1], b.stride[0], c.stride[0], add};
  loop.next_b = S::columns;
  const T *from_b = b.data, *last_b = b.data + n - rest;
  Index last_row = loop.b_row;
  if (packed != nullptr) {
    loop.b_row = S::columns;
    loop.next_b = k * S::columns;
    last_row = rest <= S::lanes ? S::lanes : S::columns;
    pack_small(b, last_row, packed);
    from_b = packed;
    last_b = packed + (n - rest) * k;
  }
  const Index whole_row = loop.b_row;
  for (Index i = 0, rows = 0; i < m; i += rows) {
    rows = S::next_rows(m - i);
    const T* from = a.data + i * a.stride[0];
    T* to = c.data + i * c.stride[0];
    loop.tiles = whole;
    loop.b_row = whole_row;
    if (whole > 0) any_tile(rows, S::columns, loop, from, from_b, to);
    loop.tiles = 1;
    loop.b_row = last_row;
    if (rest > 0) any_tile(rows, rest, loop, from, last_b, to + n - rest);
  }
}
template <class T>
[[gnu::noinline]] void multiply_small_packed(const Matrix<const T>& a, const Matrix<const T>& b, const Matrix<T>& c,
                                             bool add) {
  alignas(64) T room[small_room + TileShape<T>::lanes];
  multiply_small<T>(a, b, c, add, room);
}
/// c = or += a b when it is small; false when it is not.
template <class T>
TENON_ALWAYS_INLINE bool multiplied_small(const Matrix<const T>& a, const Matrix<const T>& b, const Matrix<T>& c,
                                          bool add) {
  if (!is_small<T>(a, b, c)) return false;
  if (small_packs_b(b)) multiply_small_packed<T>(a, b, c, add);
  else multiply_small<T>(a, b, c, add, nullptr);
  return true;
}

}  // namespace tenon::inline TENON_ABI::kernel
