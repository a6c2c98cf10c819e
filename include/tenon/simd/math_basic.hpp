// Small functions on lanes, and their scalar twins where std has none: rsqrt, ceil, sign, minimum, maximum.
#pragma once

#include <cmath>
#include <type_traits>

#include "tenon/simd/bits.hpp"

namespace tenon::inline TENON_ABI::simd {

/// 1 / sqrt(x); an infinity of the sign of x at 0, NaN below. Max error: 1.5 ulp.
template <class T> TENON_ALWAYS_INLINE Batch<T> rsqrt(Batch<T> x) { return Batch<T>(T(1)) / sqrt(x); }
template <class T>
requires std::is_floating_point_v<T> TENON_ALWAYS_INLINE T rsqrt(T x) { return T(1) / std::sqrt(x); }

/// The smallest integer not below x. Exact; -0 above -1 and at -0 (SSE2 in xsimd 8 forgets that sign).
template <class T> TENON_ALWAYS_INLINE Batch<T> ceil(Batch<T> x) {
  return Batch<T>(xsimd::ceil(x.v) | bits::sign_bit(x).v);
}

/// 1 above 0, -1 below, and x itself at +-0 and NaN.
template <class T> TENON_ALWAYS_INLINE Batch<T> sign(Batch<T> x) {
  const Batch<T> zero(T(0));
  return select(x > zero, Batch<T>(T(1)), select(x < zero, Batch<T>(T(-1)), x));
}
template <class T>
requires std::is_arithmetic_v<T> TENON_ALWAYS_INLINE T sign(T x) { return x > T(0) ? T(1) : x < T(0) ? T(-1) : x; }

/// The smaller of a and b; NaN if either is NaN. Of +0 and -0 it returns either.
template <class T> TENON_ALWAYS_INLINE Batch<T> minimum(Batch<T> a, Batch<T> b) {
  return select(a == a, bits::at_most(b, a), a);
}
/// The larger of a and b; NaN if either is NaN. Of +0 and -0 it returns either.
template <class T> TENON_ALWAYS_INLINE Batch<T> maximum(Batch<T> a, Batch<T> b) {
  return select(a == a, bits::at_least(b, a), a);
}
/// The larger of x and 0; NaN stays. Of +0 and -0 it returns either.
template <class T> TENON_ALWAYS_INLINE Batch<T> positive_part(Batch<T> x) { return bits::at_least(x, Batch<T>(T(0))); }
template <class T>
requires std::is_arithmetic_v<T> TENON_ALWAYS_INLINE T minimum(T a, T b) { return a < b || a != a ? a : b; }
template <class T>
requires std::is_arithmetic_v<T> TENON_ALWAYS_INLINE T maximum(T a, T b) { return a > b || a != a ? a : b; }

}  // namespace tenon::inline TENON_ABI::simd
