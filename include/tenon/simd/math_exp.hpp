// exp and its kin on lanes: exp, expm1, sigmoid.
#pragma once

#include <cmath>
#include <limits>

#include "tenon/simd/bits.hpp"

namespace tenon::inline TENON_ABI::simd {

namespace bits {
/// x = n ln2 + high - low, r = high - low rounded, |r| <= ln2 / 2; shifted = biased_shifter + n.
template <class T> struct ExpArgument { Batch<T> r, high, low, shifted; };
/// Pre: |x| below 2^10 ln2 (double) or 2^8 ln2 (float), so that n times the first part of ln2 is exact without fma.
template <class T> TENON_ALWAYS_INLINE ExpArgument<T> reduce_exp(Batch<T> x) {
  constexpr bool single = sizeof(T) == 4;
  constexpr T log2_e = single ? T(0x1.715476p0) : T(0x1.71547652b82fep0);
  constexpr T ln2_high = single ? T(0x1.62e4p-1) : T(0x1.62e42fefa38p-1);
  constexpr T ln2_low = single ? T(0x1.7f7d1cp-20) : T(0x1.ef35793c7673p-45);
  const Batch<T> shifter(Format<T>::biased_shifter);
  const Batch<T> shifted = fma(x, Batch<T>(log2_e), shifter);
  const Batch<T> n = shifted - shifter;
  const Batch<T> high = fma(n, Batch<T>(-ln2_high), x);
  return {fma(n, Batch<T>(-ln2_low), high), high, n * Batch<T>(ln2_low), shifted};
}
/// (exp(r) - 1 - r) / r^2 on |r| <= ln2 / 2; the error in exp(r) - 1 is below 2^-25.8 (float), 2^-55 (double) relative.
/// Minimax by Remez exchange on the relative error of exp(r) - 1.
template <class T> TENON_ALWAYS_INLINE Batch<T> exp_tail(Batch<T> r) {
  if constexpr (sizeof(T) == 4) {
    return polynomial(r, 0.00138825027f, 0.0083667133f, 0.0416672044f, 0.16666542f, 0.49999997f);
  } else {
    return polynomial(r, 2.5053757397394685e-8, 2.7626435028129961e-7, 2.7557408657360513e-6, 2.4801504324645822e-5,
                      0.00019841269716776278, 0.0013888888932306132, 0.0083333333333909, 0.041666666666574675,
                      0.16666666666666588, 0.50000000000000056);
  }
}
/// (exp(-r) - 1) / r on |r| <= ln2 / 2; the error in exp(-r) is below 2^-28.2 (float), 2^-56 (double). float: minimax by
/// Remez exchange on the relative error of exp(-r); double: exp_tail at -r.
template <class T> TENON_ALWAYS_INLINE Batch<T> slope_of_exp_minus(Batch<T> r) {
  if constexpr (sizeof(T) == 4) {
    return polynomial(r, 0.00138414477f, -0.0083693685f, 0.0416680798f, -0.166665152f, 0.49999994f, -1.0f);
  } else {
    return polynomial(r, -2.5053757397394685e-8, 2.7626435028129961e-7, -2.7557408657360513e-6, 2.4801504324645822e-5,
                      -0.00019841269716776278, 0.0013888888932306132, -0.0083333333333909, 0.041666666666574675,
                      -0.16666666666666588, 0.50000000000000056, -1.0);
  }
}
/// exp(x) for |x| <= 2 * bias ln2, or NaN.
template <class T> TENON_ALWAYS_INLINE Batch<T> exp_bounded(Batch<T> x) {
  const ExpArgument<T> a = reduce_exp(x);
  const Batch<T> one(T(1));
  return times_power_of_two(fma(fma(exp_tail(a.r), a.r, one), a.r, one), a.shifted);
}
/// exp(r) - 1. The exact one adds the rounding error of r, for two operations more.
template <class T> TENON_ALWAYS_INLINE Batch<T> expm1_near_zero(ExpArgument<T> a) {
  return fma(exp_tail(a.r), a.r * a.r, a.r);
}
template <class T> TENON_ALWAYS_INLINE Batch<T> expm1_near_zero_exact(ExpArgument<T> a) {
  return a.high + fma(exp_tail(a.r), a.r * a.r, -a.low);
}
/// -|x|, or -limit where that is larger. NaN stays.
template <class T> TENON_ALWAYS_INLINE Batch<T> minus_size(Batch<T> x, T limit) {
  return at_least(Batch<T>(x.v | xsimd::batch<T>(T(-0.0))), Batch<T>(-limit));
}
/// exp is 0 below minus this and infinite above it.
template <class T> inline constexpr T exp_range = sizeof(T) == 4 ? T(104.5) : T(746);
}  // namespace bits

/// exp(x). Max error: 0.93 ulp, 1.21 without fma.
template <class T> TENON_ALWAYS_INLINE Batch<T> exp(Batch<T> x) {
  return bits::exp_bounded(bits::within(x, Batch<T>(bits::exp_range<T>)));
}

/// exp(x) for x <= 0, or NaN, a few operations cheaper. Max error: as exp.
template <class T> TENON_ALWAYS_INLINE Batch<T> exp_nonpositive(Batch<T> x) {
  return bits::exp_bounded(bits::at_least(x, Batch<T>(-bits::exp_range<T>)));
}

/// exp(x) - 1, accurate near 0 as well; the sign of 0 stays. Max error: 1.63 ulp.
template <class T> TENON_ALWAYS_INLINE Batch<T> expm1(Batch<T> x) {
  constexpr T lowest = sizeof(T) == 4 ? T(-18) : T(-38);  // -1 from here down
  constexpr T highest = sizeof(T) == 4 ? T(89) : T(710);
  // Below it expm1(x) is x, while half of a denormal is not exact.
  constexpr T tiny = sizeof(T) == 4 ? T(0x1p-25) : T(0x1p-54);
  const Batch<T> between = bits::at_most(bits::at_least(x, Batch<T>(lowest)), Batch<T>(highest));
  const bits::ExpArgument<T> a = bits::reduce_exp(between);
  // All by half, because 2^n itself overflows where the result does not: (2^n q + 2^n - 1) / 2.
  const Batch<T> half = bits::power_of_two(a.shifted - Batch<T>(T(1)));
  const Batch<T> y = fma(half, bits::expm1_near_zero_exact(a), half - Batch<T>(T(0.5)));
  return select(abs(x) < Batch<T>(tiny), x, y + y);
}

/// 1 / (1 + exp(-x)), relative accuracy also where it is tiny. With x = n ln2 + r and s = 2^n it is s / (s + exp(-r)).
/// The sum is that of s + c, exact for 2^-25 < s < 2^22 (float), and of exp(-r) - c, small where the sum is just above a
/// power of two and rounding weighs most; so only the sum and the division round. `rest` is 1 - c and half of what s + c
/// loses of s = 2^-25.
/// Max error: 2 ulp.
template <class T> TENON_ALWAYS_INLINE Batch<T> sigmoid(Batch<T> x) {
  constexpr bool single = sizeof(T) == 4;
  constexpr T highest = single ? T(20) : T(45);  // 1 from here up
  constexpr T c = T(0.75) + std::numeric_limits<T>::epsilon();
  constexpr T rest = T(0.25) - std::numeric_limits<T>::epsilon() * T(0.875);
  const Batch<T> between = bits::at_least(bits::at_most(x, Batch<T>(highest)), Batch<T>(-bits::exp_range<T>));
  const bits::ExpArgument<T> a = bits::reduce_exp(between);
  const bits::PowerParts<T> s = bits::power_parts(a.shifted);
  const Batch<T> sum = fma(s.first, s.second, Batch<T>(c)) + fma(a.r, bits::slope_of_exp_minus(a.r), Batch<T>(rest));
  return s.first / sum * s.second;
}
/// The scalar twin of sigmoid. Max error: 2.5 ulp.
template <class T>
requires std::is_floating_point_v<T> TENON_ALWAYS_INLINE T sigmoid(T x) {
  const T e = std::exp(-std::abs(x));
  return (x < T(0) ? e : T(1)) / (T(1) + e);
}

}  // namespace tenon::inline TENON_ABI::simd
