// Panels: narrow strips of a matrix copied to where a tile's loop reads them in order.
#pragma once

#include "tenon/kernel/gemm_micro.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// A strip of `width` lines of length k; line i at position p is data[i * across + p * along].
template <class T> struct Strip {
  const T* data;
  Index across, along;
  Index width, k;
};

/// Transposes L lines x 4 positions, L = 4 or 8: out[p * out_row + i] = in[i * across + p]. With 8 lines, lines i and i
/// + 4 share a vector, so that all shuffles stay inside its halves.
template <Index L, class T> TENON_ALWAYS_INLINE void transpose_lines(const T* in, Index across, T* out, Index out_row) {
  typedef T Four __attribute__((vector_size(4 * sizeof(T)), aligned(alignof(T)), may_alias));
  typedef T Row __attribute__((vector_size(L * sizeof(T)), aligned(alignof(T)), may_alias));
  const auto line = [&](Index i) TENON_INLINE_LAMBDA {
    const Four low = *reinterpret_cast<const Four*>(in + i * across);
    if constexpr (L == 4) return low;
    else
      return __builtin_shufflevector(low, *reinterpret_cast<const Four*>(in + (i + 4) * across), 0, 1, 2, 3, 4, 5, 6,
                                     7);
  };
  const auto put = [&](Index p, auto row) TENON_INLINE_LAMBDA { *reinterpret_cast<Row*>(out + p * out_row) = row; };
  const auto a = line(0), b = line(1), c = line(2), d = line(3);
  if constexpr (L == 4) {
    const auto ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const auto cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    put(0, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
    put(1, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
    put(2, __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5));
    put(3, __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7));
  } else {
    const auto ab = __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
    const auto ab2 = __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
    const auto cd = __builtin_shufflevector(c, d, 0, 8, 1, 9, 4, 12, 5, 13);
    const auto cd2 = __builtin_shufflevector(c, d, 2, 10, 3, 11, 6, 14, 7, 15);
    put(0, __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13));
    put(1, __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15));
    put(2, __builtin_shufflevector(ab2, cd2, 0, 1, 8, 9, 4, 5, 12, 13));
    put(3, __builtin_shufflevector(ab2, cd2, 2, 3, 10, 11, 6, 7, 14, 15));
  }
}

/// L lines, `positions` (a multiple of 4) of them.
template <Index L, class T>
TENON_ALWAYS_INLINE void transpose_run(const T* in, Index across, Index positions, T* out, Index out_row) {
  for (; positions > 0; positions -= 4, in += 4, out += 4 * out_row) transpose_lines<L>(in, across, out, out_row);
}

/// Lines i0 .. i1 of the strip at positions p0 .. p1, one element at a time.
template <class T>
TENON_ALWAYS_INLINE void pack_elements(const Strip<T>& s, Index i0, Index i1, Index p0, Index p1, T* out, Index row) {
  for (Index p = p0; p < p1; ++p)
    for (Index i = i0; i < i1; ++i) out[p * row + i] = s.data[i * s.across + p * s.along];
}

/// Positions p .. p + positions (a multiple of 4) of all lines. What remains of lines beside groups of 4 is taken with
/// the last of those groups once more, which writes the same values there.
template <class T>
TENON_ALWAYS_INLINE void pack_positions(const Strip<T>& s, Index p, Index positions, T* out, Index row) {
  constexpr bool eight = sizeof(T) == 4 && sizeof(simd::Batch<T>) >= 32;  // a double fills a vector with 4 lines
  const T* from = s.data + p;
  T* to = out + p * row;
  Index i = 0;
  if constexpr (eight)
    for (; i + 8 <= s.width; i += 8) transpose_run<8>(from + i * s.across, s.across, positions, to + i, row);
  if constexpr (sizeof(simd::Batch<T>) >= 4 * sizeof(T)) {
    for (; i + 4 <= s.width; i += 4) transpose_run<4>(from + i * s.across, s.across, positions, to + i, row);
    if (i < s.width && s.width >= 4) {
      i = s.width - 4;
      transpose_run<4>(from + i * s.across, s.across, positions, to + i, row);
      return;
    }
  }
  pack_elements(s, i, s.width, p, p + positions, out, row);
}

/// The lines are contiguous (along == 1): small transposes, 16 positions of a line at a time, which is the cache line.
/// The last positions, too, are taken four at a time, some of them again.
template <class T> [[gnu::noinline]] void pack_lines(const Strip<T>& s, T* out, Index row) {
  if (s.k < 4) return pack_elements(s, 0, s.width, 0, s.k, out, row);
  for (Index p = 0; p + 4 <= s.k; p += 16) pack_positions(s, p, p + 16 < s.k ? 16 : (s.k - p) & ~Index(3), out, row);
  if (s.k % 4 != 0) pack_positions(s, s.k - 4, 4, out, row);
}

/// The positions are contiguous across lines (across == 1): `strips` strips side by side are copied in one pass,
/// because one of them alone would use a part of each cache line. The last vector of a row is read by its tail and
/// written whole; the next row is written over its zeros.
template <class T> void pack_rows(const Strip<T>& s, Index strips, T* out, Index row, Index next_strip) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  const Index whole = (s.width - 1) / W * W;
  const simd::Tail<T> tail = simd::Tail<T>::first(s.width - whole);
  for (Index p = 0; p < s.k; ++p)
    for (Index q = 0; q < strips; ++q) {
      const T* from = s.data + p * s.along + q * s.width;
      T* to = out + p * row + q * next_strip;
      for (Index i = 0; i < whole; i += W) B::load(from + i).store(to + i);
      tail.load(from + whole).store(to + whole);
    }
}

/// Packs `strips` strips side by side: out[q * next_strip + p * row + i] = line q * width + i at position p. Elements
/// with i >= width are zero, where row reaches beyond width. Pre: row is width, or width rounded up to whole vectors;
/// next_strip >= k * row + one vector, which is overwritten.
template <class T> [[gnu::noinline]] void pack(const Strip<T>& s, Index strips, T* out, Index row, Index next_strip) {
  using B = simd::Batch<T>;
  if (s.across == 1) return pack_rows(s, strips, out, row, next_strip);
  for (Index q = 0; q < strips; ++q, out += next_strip) {
    const Strip<T> one{s.data + q * s.width * s.across, s.across, s.along, s.width, s.k};
    if (row > s.width)
      for (Index p = 0; p < s.k; ++p) B(T(0)).store(out + (p + 1) * row - B::size);
    if (s.along == 1) pack_lines(one, out, row);
    else pack_elements(one, 0, s.width, 0, s.k, out, row);
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
