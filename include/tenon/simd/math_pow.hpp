// pow on lanes.
#pragma once

#include <cmath>

#include "tenon/simd/bits.hpp"

namespace tenon::inline TENON_ABI::simd {

/// x to the y, special values as in std::pow. Lane by lane through std::pow, as accurate as that.
template <class T>
TENON_COLD Batch<T> pow(Batch<T> x, Batch<T> y) {
  alignas(64) T base[Batch<T>::size], exponent[Batch<T>::size];
  x.store_aligned(base);
  y.store_aligned(exponent);
  for (Index i = 0; i < Batch<T>::size; ++i) base[i] = std::pow(base[i], exponent[i]);
  return Batch<T>::load_aligned(base);
}

}  // namespace tenon::inline TENON_ABI::simd
