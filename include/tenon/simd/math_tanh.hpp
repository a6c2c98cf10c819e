// tanh on lanes.
#pragma once

#include "tenon/simd/math_exp.hpp"

namespace tenon::inline TENON_ABI::simd {

/// tanh(x); the sign of 0 stays. With exp(-2|x|) = s (1 + q), s a power of two, and a = 1 - exp(-2|x|) it is
/// a / (2 - a) = a/2 + a/2 * a/(2 - a): the division only makes a correction, so its rounding weighs little.
/// Max error: 1.75 ulp.
template <class T> TENON_ALWAYS_INLINE Batch<T> tanh(Batch<T> x) {
  constexpr T highest = sizeof(T) == 4 ? T(10) : T(20);  // 1 from here up
  const Batch<T> size = bits::at_most(abs(x), Batch<T>(highest));
  const bits::ExpArgument<T> argument = bits::reduce_exp(size * Batch<T>(T(-2)));
  const Batch<T> q = bits::expm1_near_zero(argument);
  const Batch<T> minus_s = -bits::power_of_two(argument.shifted);
  const Batch<T> rest = Batch<T>(T(1)) + minus_s;
  const Batch<T> a = fma(minus_s, q, rest);
  const Batch<T> lost = fma(minus_s, q, rest - a);  // what rounding a lost
  const Batch<T> half = a * Batch<T>(T(0.5));
  const Batch<T> ratio = a / (Batch<T>(T(2)) - a);
  // d y / d a = (1 + ratio)^2 / 2; the line meets it where a is rounded, from ratio = 1/6 to 1.
  const Batch<T> slope = fma(ratio, Batch<T>(T(1.5)), Batch<T>(T(0.5)));
  const Batch<T> y = half + fma(lost, slope, half * ratio);
  return bits::flip_sign(y, bits::sign_bit(x));
}

}  // namespace tenon::inline TENON_ABI::simd
