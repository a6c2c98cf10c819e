// What products need of the machine's lanes beyond simd::Batch: the first n lanes of a vector, loaded and stored by
// mask, for the ragged right edge of a matrix; and a multiply-add that is fused wherever the machine can.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tenon/simd/batch.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// a * b + c in one rounding where the machine can. xsimd 8 has none for 512 bits, where clang then emits two
/// instructions.
template <class T>
TENON_ALWAYS_INLINE simd::Batch<T> multiply_add(simd::Batch<T> a, simd::Batch<T> b, simd::Batch<T> c) {
#if defined(__AVX512F__)
  if constexpr (sizeof(a) == 64 && std::is_same_v<T, float>) return xsimd::batch<T>(_mm512_fmadd_ps(a.v, b.v, c.v));
  if constexpr (sizeof(a) == 64 && std::is_same_v<T, double>) return xsimd::batch<T>(_mm512_fmadd_pd(a.v, b.v, c.v));
#endif
  return fma(a, b, c);
}

/// Loads and stores the first n lanes, 0 < n <= size. The other lanes load as zero and are not touched in memory.
/// `exact` says that load is one instruction; where it is false, a hot loop reads a padded copy with full loads
/// instead.
template <class T, Index Bytes = static_cast<Index>(sizeof(simd::Batch<T>))> struct Tail {
  static constexpr bool exact = false;
  Index n = 0;
  TENON_ALWAYS_INLINE static Tail first(Index n) { return {n}; }
  TENON_ALWAYS_INLINE simd::Batch<T> load(const T* p) const {
    alignas(64) T lanes[simd::Batch<T>::size] = {};
    for (Index i = 0; i < n; ++i) lanes[i] = p[i];
    return simd::Batch<T>::load_aligned(lanes);
  }
  TENON_ALWAYS_INLINE void store(T* p, simd::Batch<T> x) const {
    alignas(64) T lanes[simd::Batch<T>::size];
    x.store_aligned(lanes);
    for (Index i = 0; i < n; ++i) p[i] = lanes[i];
  }
};

#if defined(__AVX512F__)
template <class T> struct Tail<T, 64> {
  static constexpr bool exact = true;
  unsigned mask = 0;
  TENON_ALWAYS_INLINE static Tail first(Index n) { return {(1U << static_cast<unsigned>(n)) - 1U}; }
  TENON_ALWAYS_INLINE simd::Batch<T> load(const T* p) const {
    if constexpr (std::is_same_v<T, float>)
      return xsimd::batch<T>(_mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), p));
    else return xsimd::batch<T>(_mm512_maskz_loadu_pd(static_cast<__mmask8>(mask), p));
  }
  TENON_ALWAYS_INLINE void store(T* p, simd::Batch<T> x) const {
    if constexpr (std::is_same_v<T, float>) _mm512_mask_storeu_ps(p, static_cast<__mmask16>(mask), x.v);
    else _mm512_mask_storeu_pd(p, static_cast<__mmask8>(mask), x.v);
  }
};
#endif

#if defined(__AVX__)
template <class T> struct Tail<T, 32> {
  static constexpr bool exact = true;
  __m256i mask;
  TENON_ALWAYS_INLINE static Tail first(Index n) {
    static constexpr std::int32_t window[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    const Index words = n * static_cast<Index>(sizeof(T) / sizeof(std::int32_t));
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(window + 8 - words))};
  }
  TENON_ALWAYS_INLINE simd::Batch<T> load(const T* p) const {
    if constexpr (std::is_same_v<T, float>) return xsimd::batch<T>(_mm256_maskload_ps(p, mask));
    else return xsimd::batch<T>(_mm256_maskload_pd(p, mask));
  }
  TENON_ALWAYS_INLINE void store(T* p, simd::Batch<T> x) const {
    if constexpr (std::is_same_v<T, float>) _mm256_maskstore_ps(p, mask, x.v);
    else _mm256_maskstore_pd(p, mask, x.v);
  }
};
#endif

}  // namespace tenon::inline TENON_ABI::kernel
