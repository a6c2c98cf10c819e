// Elements two by two, and lanes as integers: what pooling needs.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include "tenon/simd/batch.hpp"

namespace tenon::inline TENON_ABI::simd {

/// Elements 0, 2, 4 ... of the lanes of a and then b, and elements 1, 3, 5 ...
template <class T> struct EvenOdd { Batch<T> even, odd; };
template <class T> TENON_ALWAYS_INLINE EvenOdd<T> even_odd(Batch<T> a, Batch<T> b) {
  typedef T Vector __attribute__((vector_size(sizeof(a))));
  Vector x, y;
  std::memcpy(&x, &a, sizeof(a));
  std::memcpy(&y, &b, sizeof(b));
  return [&]<int... I>(std::integer_sequence<int, I...>) TENON_INLINE_LAMBDA {
    const Vector even = __builtin_shufflevector(x, y, (2 * I)...), odd = __builtin_shufflevector(x, y, (2 * I + 1)...);
    EvenOdd<T> r;
    std::memcpy(&r.even, &even, sizeof(even));
    std::memcpy(&r.odd, &odd, sizeof(odd));
    return r;
  }
  (std::make_integer_sequence<int, static_cast<int>(Batch<T>::size)>{});
}

/// Lane 0 of a, lane 0 of b, lane 1 of a ...: the inverse of even_odd, in two vectors.
template <class T> struct Interleaved { Batch<T> low, high; };
template <class T> TENON_ALWAYS_INLINE Interleaved<T> interleave(Batch<T> a, Batch<T> b) {
  typedef T Vector __attribute__((vector_size(sizeof(a))));
  constexpr int n = static_cast<int>(Batch<T>::size);
  Vector x, y;
  std::memcpy(&x, &a, sizeof(a));
  std::memcpy(&y, &b, sizeof(b));
  return [&]<int... I>(std::integer_sequence<int, I...>) TENON_INLINE_LAMBDA {
    const Vector low = __builtin_shufflevector(x, y, (I / 2 + I % 2 * n)...),
                 high = __builtin_shufflevector(x, y, ((n + I) / 2 + I % 2 * n)...);
    Interleaved<T> r;
    std::memcpy(&r.low, &low, sizeof(low));
    std::memcpy(&r.high, &high, sizeof(high));
    return r;
  }
  (std::make_integer_sequence<int, n>{});
}

/// As many int32 as Batch<T> has lanes, stored from lanes that hold integers of int32's range, and read into lanes of T.
/// Where n < size, only the first n of them; the other lanes are then read as zero.
template <class T> struct Int32Lanes {
  using B = Batch<T>;
  typedef T Vector __attribute__((vector_size(sizeof(B))));
  typedef std::int32_t Integers __attribute__((vector_size(sizeof(B) / sizeof(T) * sizeof(std::int32_t))));

  TENON_ALWAYS_INLINE static void store(B a, std::int32_t* to, Index n) {
    Vector x;
    std::memcpy(&x, &a, sizeof(a));
    const Integers lanes = __builtin_convertvector(x, Integers);
    if (n == B::size) std::memcpy(to, &lanes, sizeof(lanes));
    else store_first(lanes, to, n);
  }
  TENON_ALWAYS_INLINE static B load(const std::int32_t* from, Index n) {
    Integers lanes = {};
    if (n == B::size) std::memcpy(&lanes, from, sizeof(lanes));
    else lanes = load_first(from, n);
    const Vector x = __builtin_convertvector(lanes, Vector);
    B a;
    std::memcpy(&a, &x, sizeof(a));
    return a;
  }

 private:
  TENON_ALWAYS_INLINE static void store_first(Integers lanes, std::int32_t* to, Index n) {
#if defined(__AVX512F__)
    __m512i wide = _mm512_setzero_si512();
    std::memcpy(&wide, &lanes, sizeof(lanes));
    _mm512_mask_storeu_epi32(to, static_cast<__mmask16>((1U << static_cast<unsigned>(n)) - 1U), wide);
#else
    std::int32_t all[B::size];  // g++ 12 takes no index on a vector whose type depends on T
    std::memcpy(all, &lanes, sizeof(lanes));
    for (Index i = 0; i < n; ++i) to[i] = all[i];
#endif
  }
  TENON_ALWAYS_INLINE static Integers load_first(const std::int32_t* from, Index n) {
    Integers lanes = {};
#if defined(__AVX512F__)
    const __m512i wide = _mm512_maskz_loadu_epi32(static_cast<__mmask16>((1U << static_cast<unsigned>(n)) - 1U), from);
    std::memcpy(&lanes, &wide, sizeof(lanes));
#else
    std::int32_t all[B::size] = {};
    for (Index i = 0; i < n; ++i) all[i] = from[i];
    std::memcpy(&lanes, all, sizeof(lanes));
#endif
    return lanes;
  }
};

}  // namespace tenon::inline TENON_ABI::simd
