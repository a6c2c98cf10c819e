// Panels: narrow strips of a matrix copied to where a tile's loop reads them in order.
#pragma once

#include "tenon/kernel/gemm_micro.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// A strip of `width` lines of length k; line i at position p is data[i * across + p * along].
template <class T>
struct Strip {
  const T* data;
  Index across, along;
  Index width, k;
};

/// Transposes 4 x 4: out[p * out_row + i] = in[i * across + p], i and p from 0 to 3.
template <class T>
TENON_ALWAYS_INLINE void transpose_4x4(const T* in, Index across, T* out, Index out_row) {
  typedef T Four __attribute__((vector_size(4 * sizeof(T)), aligned(alignof(T)), may_alias));
  typedef T Lanes __attribute__((vector_size(4 * sizeof(T))));
  const Lanes a = *reinterpret_cast<const Four*>(in), b = *reinterpret_cast<const Four*>(in + across),
              c = *reinterpret_cast<const Four*>(in + 2 * across), d = *reinterpret_cast<const Four*>(in + 3 * across);
  const Lanes ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Lanes cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *reinterpret_cast<Four*>(out) = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  *reinterpret_cast<Four*>(out + out_row) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  *reinterpret_cast<Four*>(out + 2 * out_row) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  *reinterpret_cast<Four*>(out + 3 * out_row) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/// Lines i0 .. i1 of the strip at positions p0 .. p1, one element at a time.
template <class T>
TENON_ALWAYS_INLINE void pack_elements(const Strip<T>& s, Index i0, Index i1, Index p0, Index p1, T* out, Index row) {
  for (Index p = p0; p < p1; ++p)
    for (Index i = i0; i < i1; ++i) out[p * row + i] = s.data[i * s.across + p * s.along];
}

/// The lines are contiguous (along == 1): 4 x 4 blocks, and 16 positions of a line at a time, which is the cache line.
template <class T>
void pack_lines(const Strip<T>& s, T* out, Index row) {
  const Index whole = s.width & ~Index(3), k4 = s.k & ~Index(3);
  for (Index p0 = 0; p0 < k4; p0 += 16) {
    const Index p1 = p0 + 16 < k4 ? p0 + 16 : k4;
    for (Index i = 0; i < whole; i += 4)
      for (Index p = p0; p < p1; p += 4) transpose_4x4(s.data + i * s.across + p, s.across, out + p * row + i, row);
    pack_elements(s, whole, s.width, p0, p1, out, row);
  }
  pack_elements(s, 0, s.width, k4, s.k, out, row);
}

/// The positions are contiguous across lines (across == 1): rows are copied, the last vector of a row by its tail. The
/// rest of that vector becomes zero, and the next row is written over it: out has room for one vector more.
template <class T>
void pack_rows(const Strip<T>& s, T* out, Index row) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  const Index whole = (s.width - 1) / W * W;
  const Tail<T> tail = Tail<T>::first(s.width - whole);
  const T* in = s.data;
  for (Index p = 0; p < s.k; ++p, in += s.along, out += row) {
    for (Index i = 0; i < whole; i += W) B::load(in + i).store(out + i);
    tail.load(in + whole).store(out + whole);
  }
}

/// out[p * row + i] = line i of the strip at position p; elements with i >= width are zero, where row reaches beyond width.
/// Pre: row is width, or width rounded up to whole vectors; out has k * row elements and one vector more.
template <class T>
[[gnu::noinline]] void pack(const Strip<T>& s, T* out, Index row) {
  if (s.across == 1) return pack_rows(s, out, row);
  if (s.along == 1)
    pack_lines(s, out, row);
  else
    pack_elements(s, 0, s.width, 0, s.k, out, row);
  for (Index p = 0; p < s.k && row > s.width; ++p)
    for (Index i = s.width; i < row; ++i) out[p * row + i] = T(0);
}

}  // namespace tenon::inline TENON_ABI::kernel
