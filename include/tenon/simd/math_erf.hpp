// erf on lanes.
#pragma once

#include <cmath>

#include "tenon/simd/math_exp.hpp"

namespace tenon::inline TENON_ABI::simd {

/// erf(x).
template <class T>
TENON_ALWAYS_INLINE Batch<T> erf(Batch<T> x) {
  return bits::each_lane(x, [](T lane) { return std::erf(lane); });
}

}  // namespace tenon::inline TENON_ABI::simd
