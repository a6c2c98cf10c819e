// Elements two by two, and lanes as integers: what pooling and strided reads need.
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
  return [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    const Vector even = __builtin_shufflevector(x, y, (2 * I)...), odd = __builtin_shufflevector(x, y, (2 * I + 1)...);
    EvenOdd<T> r;
    std::memcpy(&r.even, &even, sizeof(even));
    std::memcpy(&r.odd, &odd, sizeof(odd));
    return r;
  }
  (std::make_integer_sequence<int, static_cast<int>(Batch<T>::size)>{});
}

/// The first n lanes, which hold integers of int32's range, into `to`. Pre: 0 < n <= size
template <class T> TENON_ALWAYS_INLINE void store_int32(Batch<T> a, std::int32_t* to, Index n) {
  typedef T Vector __attribute__((vector_size(sizeof(a))));
  typedef std::int32_t Integers __attribute__((vector_size(sizeof(a) / sizeof(T) * sizeof(std::int32_t))));
  Vector x;
  std::memcpy(&x, &a, sizeof(a));
  const Integers lanes = __builtin_convertvector(x, Integers);
  if (n == Batch<T>::size) std::memcpy(to, &lanes, sizeof(lanes));
  else std::memcpy(to, &lanes, static_cast<std::size_t>(n) * sizeof(std::int32_t));
}

}  // namespace tenon::inline TENON_ABI::simd
