// tanh on lanes.
#pragma once

#include "tenon/simd/math_exp.hpp"

namespace tenon::inline TENON_ABI::simd {

namespace bits {
/// (tanh(w) / w - 1) / w^2 in z = w^2, |w| <= 0.26; the error in tanh(w) is below 2^-27.9 (float), 2^-56.8 (double)
/// relative. Minimax on the relative error of tanh, by Remez exchange with the coefficients rounded one after another.
template <class T> TENON_ALWAYS_INLINE Batch<T> tanh_tail(Batch<T> z) {
  if constexpr (sizeof(T) == 4) {
    return polynomial(z, -0.0512248948f, 0.133226871f, -0.333332151f);
  } else {
    return polynomial(z, -0.0013074686982015519, 0.0035763660069335016, -0.0088623582436671948, 0.021869461584692062,
                      -0.053968253524461295, 0.13333333332986438, -0.33333333333332416);
  }
}
}  // namespace bits

/// tanh(x); the sign of 0 stays. With |x| = n ln2 / 2 + w, s = 2^n and t = tanh(w) it is (s - 1 + (s + 1) t) over
/// (s + 1 + (s - 1) t), by one division. The denominator comes from the rounded numerator as itself + 2 - 2 t, so that
/// their rounding errors cancel where the result is near 1. w runs from -0.09 to 0.26: where the result is below 1/4,
/// n is 0 and the division exact. Max error: 1.75 ulp float, 1.9 double.
template <class T> TENON_ALWAYS_INLINE Batch<T> tanh(Batch<T> x) {
  constexpr bool single = sizeof(T) == 4;
  constexpr T highest = single ? T(9.1) : T(19.1);  // 1 from here up
  constexpr T two_log2_e = single ? T(0x1.715476p1) : T(0x1.71547652b82fep1);
  const Batch<T> one(T(1)), two(T(2)), shifter(bits::Format<T>::exponent_shifter);
  const Batch<T> size = bits::at_most(abs(x), Batch<T>(highest));
  const Batch<T> shifted = fma(size, Batch<T>(two_log2_e), Batch<T>(T(-0.25))) + shifter;
  const Batch<T> n = shifted - shifter;
  Batch<T> w;  // float: what ln2 / 2 loses by rounding is 1e-9, too little to matter
  if constexpr (single) w = fma(n, Batch<T>(T(-0x1.62e43p-2)), size);
  else w = fma(n, Batch<T>(T(-0x1.ef35793c7673p-46)), fma(n, Batch<T>(T(-0x1.62e42fefa38p-2)), size));
  const Batch<T> z = w * w;
  const Batch<T> t = fma(w * z, bits::tanh_tail(z), w);
  const Batch<T> s = bits::exponent_from(shifted);
  const Batch<T> numerator = fma(s + one, t, s - one);
  return bits::flip_where_negative(numerator / (numerator + fma(-two, t, two)), x);
}

}  // namespace tenon::inline TENON_ABI::simd
