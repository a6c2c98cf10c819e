// The first n lanes of a vector, read and written by mask: the ragged edge of a matrix or an array.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tenon/simd/batch.hpp"

namespace tenon::inline TENON_ABI::simd {

/// Loads and stores the first n lanes, 0 < n <= size. The other lanes load as zero, where Batch::load_partial repeats
/// the first, and are not touched in memory. `exact` says that load is one instruction; where it is false, a hot loop
/// reads a padded copy with full loads instead.
template <class T, Index Bytes = static_cast<Index>(sizeof(Batch<T>))> struct Tail {
  static constexpr bool exact = false;
  Index n = 0;
  TENON_ALWAYS_INLINE static Tail first(Index n) { return {n}; }
  TENON_ALWAYS_INLINE Batch<T> load(const T* p) const {
    alignas(64) T lanes[Batch<T>::size] = {};
    for (Index i = 0; i < n; ++i) lanes[i] = p[i];
    return Batch<T>::load_aligned(lanes);
  }
  TENON_ALWAYS_INLINE void store(T* p, Batch<T> x) const {
    alignas(64) T lanes[Batch<T>::size];
    x.store_aligned(lanes);
    for (Index i = 0; i < n; ++i) p[i] = lanes[i];
  }
};

#if defined(__AVX512F__)
template <class T> struct Tail<T, 64> {
  static constexpr bool exact = true;
  unsigned mask = 0;
  TENON_ALWAYS_INLINE static Tail first(Index n) { return {(1U << static_cast<unsigned>(n)) - 1U}; }
  TENON_ALWAYS_INLINE Batch<T> load(const T* p) const {
    if constexpr (std::is_same_v<T, float>)
      return xsimd::batch<T>(_mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), p));
    else return xsimd::batch<T>(_mm512_maskz_loadu_pd(static_cast<__mmask8>(mask), p));
  }
  TENON_ALWAYS_INLINE void store(T* p, Batch<T> x) const {
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
  TENON_ALWAYS_INLINE Batch<T> load(const T* p) const {
    if constexpr (std::is_same_v<T, float>) return xsimd::batch<T>(_mm256_maskload_ps(p, mask));
    else return xsimd::batch<T>(_mm256_maskload_pd(p, mask));
  }
  TENON_ALWAYS_INLINE void store(T* p, Batch<T> x) const {
    if constexpr (std::is_same_v<T, float>) _mm256_maskstore_ps(p, mask, x.v);
    else _mm256_maskstore_pd(p, mask, x.v);
  }
};
#endif

}  // namespace tenon::inline TENON_ABI::simd
