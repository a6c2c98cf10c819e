// Small products whose extents are constants: nothing is left to decide while they run.
#pragma once

#include "tenon/kernel/gemm_block.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Whether gemm_static takes c (M, N) = a (M, K) b (K, N): few tiles, each lane of b to be read in place.
template <class T, Index M, Index N, Index K> consteval bool fits_static_gemm() {
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>)
    return M > 1 && N > 1 && K > 0 && M <= 32 && N <= 32 && K <= 32 &&
           (simd::Tail<T>::exact || N % TileShape<T>::lanes == 0);
  else return false;
}
template <class T, Index M, Index N, Index K> inline constexpr bool has_static_gemm = fits_static_gemm<T, M, N, K>();

/// R rows of c and V vectors, `Last` lanes of the last one.
template <class T, Index R, Index V, Index Last, Index N, Index K> void static_tile(const T* a, const T* b, T* c) {
  constexpr bool ragged = Last < TileShape<T>::lanes;
  constexpr TileLoop<T> loop{K, K, 1, N, N, false};
  const simd::Tail<T> tail = simd::Tail<T>::first(Last);
  simd::Batch<T> sum[R][V];
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V] = simd::Batch<T>(T(0)); });
  add_products<T, R, V, ragged, false>(K, loop, a, b, tail, sum);
  write_tile<T, R, V, ragged>(c, N, false, tail, sum);
}

/// c = a b; rows from I on. Pre: has_static_gemm<T, M, N, K>; all row-major without gaps; c overlaps neither a nor b.
/// Bits: those of gemm. Cost: 2 M N K operations, a few instructions beside them
template <Index M, Index N, Index K, Index I = 0, class T>
TENON_ALWAYS_INLINE void gemm_static(const T* a, const T* b, T* c) {
  static_assert(has_static_gemm<T, M, N, K>);
  using S = TileShape<T>;
  constexpr Index R = S::next_rows(M - I), whole = N / S::columns, rest = N % S::columns;
  for (Index j = 0; j < whole * S::columns; j += S::columns)
    static_tile<T, R, S::vectors, S::lanes, N, K>(a + I * K, b + j, c + I * N + j);
  if constexpr (rest > S::lanes)
    static_tile<T, R, S::vectors, rest - S::lanes, N, K>(a + I * K, b + N - rest, c + I * N + N - rest);
  else if constexpr (rest > 0) static_tile<T, R, 1, rest, N, K>(a + I * K, b + N - rest, c + I * N + N - rest);
  if constexpr (I + R < M) gemm_static<M, N, K, I + R>(a, b, c);
}

}  // namespace tenon::inline TENON_ABI::kernel
