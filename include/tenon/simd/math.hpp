// Elementwise math on lanes.
#pragma once

#include <cmath>

#include "tenon/simd/batch.hpp"

namespace tenon::inline TENON_ABI::simd {

/// y = 1 / (1 + exp(-x)), without overflow in between.
template <class T>
  requires std::is_floating_point_v<T>
TENON_ALWAYS_INLINE T sigmoid(T x) {
  const T e = std::exp(-std::abs(x));
  return (x < T(0) ? e : T(1)) / (T(1) + e);
}
/// log(1 + exp(x)), without overflow in between.
template <class T>
  requires std::is_floating_point_v<T>
TENON_ALWAYS_INLINE T softplus(T x) {
  return (x < T(0) ? T(0) : x) + std::log1p(std::exp(-std::abs(x)));
}
template <class T>
  requires std::is_floating_point_v<T>
TENON_ALWAYS_INLINE T rsqrt(T x) {
  return T(1) / std::sqrt(x);
}
template <class T>
  requires std::is_floating_point_v<T>
TENON_ALWAYS_INLINE T sign(T x) {
  return x > T(0) ? T(1) : x < T(0) ? T(-1) : x;
}
template <class T>
  requires std::is_arithmetic_v<T>
TENON_ALWAYS_INLINE T minimum(T a, T b) {
  return a < b || a != a ? a : b;
}
template <class T>
  requires std::is_arithmetic_v<T>
TENON_ALWAYS_INLINE T maximum(T a, T b) {
  return a > b || a != a ? a : b;
}

template <class T, class F>
Batch<T> each_lane(Batch<T> x, F f) {
  alignas(64) T lanes[Batch<T>::size];
  x.store_aligned(lanes);
  for (T& lane : lanes) lane = f(lane);
  return Batch<T>::load_aligned(lanes);
}
template <class T> TENON_ALWAYS_INLINE Batch<T> exp(Batch<T> x) { return each_lane(x, [](T v) { return std::exp(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> expm1(Batch<T> x) { return each_lane(x, [](T v) { return std::expm1(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> log(Batch<T> x) { return each_lane(x, [](T v) { return std::log(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> log1p(Batch<T> x) { return each_lane(x, [](T v) { return std::log1p(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> sin(Batch<T> x) { return each_lane(x, [](T v) { return std::sin(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> cos(Batch<T> x) { return each_lane(x, [](T v) { return std::cos(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> tan(Batch<T> x) { return each_lane(x, [](T v) { return std::tan(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> tanh(Batch<T> x) { return each_lane(x, [](T v) { return std::tanh(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> erf(Batch<T> x) { return each_lane(x, [](T v) { return std::erf(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> sigmoid(Batch<T> x) { return each_lane(x, [](T v) { return sigmoid(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> softplus(Batch<T> x) { return each_lane(x, [](T v) { return softplus(v); }); }
template <class T> TENON_ALWAYS_INLINE Batch<T> rsqrt(Batch<T> x) { return Batch<T>(T(1)) / sqrt(x); }
template <class T> TENON_ALWAYS_INLINE Batch<T> ceil(Batch<T> x) { return -floor(-x); }
template <class T> TENON_ALWAYS_INLINE Batch<T> sign(Batch<T> x) {
  return select(x > Batch<T>(T(0)), Batch<T>(T(1)), select(x < Batch<T>(T(0)), Batch<T>(T(-1)), x));
}
template <class T> TENON_ALWAYS_INLINE Batch<T> minimum(Batch<T> a, Batch<T> b) { return select((a < b) | (a != a), a, b); }
template <class T> TENON_ALWAYS_INLINE Batch<T> maximum(Batch<T> a, Batch<T> b) { return select((a > b) | (a != a), a, b); }
template <class T>
TENON_ALWAYS_INLINE Batch<T> pow(Batch<T> x, Batch<T> y) {
  alignas(64) T a[Batch<T>::size], b[Batch<T>::size];
  x.store_aligned(a);
  y.store_aligned(b);
  for (Index i = 0; i < Batch<T>::size; ++i) a[i] = std::pow(a[i], b[i]);
  return Batch<T>::load_aligned(a);
}

}  // namespace tenon::inline TENON_ABI::simd
