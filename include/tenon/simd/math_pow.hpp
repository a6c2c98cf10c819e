// pow on lanes.
#pragma once

#include <cmath>

#include "tenon/simd/math_basic.hpp"
#include "tenon/simd/math_exp.hpp"

namespace tenon::inline TENON_ABI::simd {

namespace bits {
/// x^y in double to 2^-30 relative, for x that come from float: positive, finite, normal. 0 and infinity of y are
/// right; a result beyond float may be any number that float rounds to the same. NaN in y stays.
template <class T> TENON_ALWAYS_INLINE Batch<T> pow_for_float(Batch<T> x, Batch<T> y) {
  static_assert(std::is_same_v<T, double>);
  const Split<T> parts = split(x);
  const Batch<T> f = parts.mantissa - Batch<T>(1.0);
  const Batch<T> s = f / (f + Batch<T>(2.0));
  const Batch<T> z = s * s;
  // log(1 + f) / s in s^2, 2^-37 relative
  const Batch<T> log_over_s =
      polynomial(z, 0.23581467418308893, 0.28537347057311574, 0.40000334538349053, 0.66666665648584944, 2.0);
  constexpr T ln2 = 0.69314718055994531;
  const Batch<T> w = y * fma(log_over_s, s, parts.minus_exponent * Batch<T>(-ln2));
  const Batch<T> shifter(Format<T>::biased_shifter);
  const Batch<T> bounded = at_most(at_least(w, Batch<T>(-200.0)), Batch<T>(200.0));
  const Batch<T> shifted = fma(bounded, Batch<T>(1.4426950408889634), shifter);
  const Batch<T> r = fma(shifted - shifter, Batch<T>(-ln2), bounded);
  // exp(r), 2^-34 relative
  const Batch<T> e = polynomial(r, 0.00019789928729007283, 0.001394497855230993, 0.0083334992017376434,
                                0.041666290710167031, 0.16666665854017251, 0.50000000688309021, 1.0, 1.0);
  return e * power_of_two(shifted);
}
/// |x|^y for lanes of float, in double lanes: y log|x| needs eight bits more than the result. size = |x|.
template <class T> TENON_ALWAYS_INLINE Batch<T> pow_of_size(Batch<T> size, Batch<T> y) {
  constexpr Index n = Batch<T>::size;
  alignas(64) T narrow[n], narrow_y[n];
  alignas(64) double wide[n], wide_y[n];
  size.store_aligned(narrow);
  y.store_aligned(narrow_y);
  for (Index i = 0; i < n; ++i) wide[i] = static_cast<double>(narrow[i]);
  for (Index i = 0; i < n; ++i) wide_y[i] = static_cast<double>(narrow_y[i]);
  for (Index i = 0; i < n; i += Batch<double>::size) {
    pow_for_float(Batch<double>::load_aligned(wide + i), Batch<double>::load_aligned(wide_y + i))
        .store_aligned(wide + i);
  }
  for (Index i = 0; i < n; ++i) narrow[i] = static_cast<T>(wide[i]);
  const Batch<T> p = Batch<T>::load_aligned(narrow);
  const Mask<T> edge = ((size == Batch<T>(T(0))) | !(size < Batch<T>(Format<T>::infinity))) & (y == y);  // 0, inf, NaN
  if (any(edge)) [[unlikely]]
    return select(edge, select(y < Batch<T>(T(0)), Batch<T>(T(1)) / size, size), p);
  return p;
}
template <class T> Batch<T> pow_single(Batch<T> x, Batch<T> y) {
  using F = Format<T>;
  const Batch<T> one(T(1));
  const Batch<T> infinity(F::infinity);
  const Batch<T> size = abs(x);
  const Mask<T> is_one = (y == Batch<T>(T(0))) | (x == one) | ((size == one) & (abs(y) == infinity));
  const Batch<T> half = y * Batch<T>(T(0.5));
  const Mask<T> integer = floor(y) == y;
  const Mask<T> odd = integer & (floor(half) != half);
  const Batch<T> p = select(is_one, one, pow_of_size(size, y));
  const Batch<T> with_sign = select(odd, flip_sign(p, sign_bit(x)), p);
  const Mask<T> undefined = (x < Batch<T>(T(0))) & (size < infinity) & !integer & (y == y);
  return select(undefined, Batch<T>(F::nan), with_sign);
}
template <class T> Batch<T> pow_each_lane(Batch<T> x, Batch<T> y) {
  alignas(64) T base[Batch<T>::size], exponent[Batch<T>::size];
  x.store_aligned(base);
  y.store_aligned(exponent);
  for (Index i = 0; i < Batch<T>::size; ++i) base[i] = std::pow(base[i], exponent[i]);
  return Batch<T>::load_aligned(base);
}
}  // namespace bits

/// x to the y, special values as in std::pow. Max error: 0.51 ulp float, that of std::pow double.
/// Cost: float runs in double lanes; double runs std::pow lane by lane, because it would need log x to 64 bits.
template <class T> TENON_ALWAYS_INLINE Batch<T> pow(Batch<T> x, Batch<T> y) {
  if constexpr (sizeof(T) == 4) {
    return bits::pow_single(x, y);
  } else {
    return bits::pow_each_lane(x, y);
  }
}

}  // namespace tenon::inline TENON_ABI::simd
