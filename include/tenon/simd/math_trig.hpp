// sin, cos, tan on lanes.
#pragma once

#include <cmath>

#include "tenon/simd/bits.hpp"

namespace tenon::inline TENON_ABI::simd {

namespace bits {
/// Up to here n = x / (pi/2) has so few bits that n times each part of pi/2 is exact; std:: takes over above.
template <class T> inline constexpr T trig_limit = sizeof(T) == 4 ? T(1e4) : T(1e5);

/// |x| = n pi/2 + r + r_low with |r| <= pi/4; shifted = shifter + n.
template <class T> struct TrigArgument { Batch<T> r, r_low, shifted; };
/// Pre: 0 <= size <= trig_limit. The parts of pi/2 have 11 (float) or 33 (double) bits each, the last one all, so that
/// n * part is exact without fma too. What is left of size is exact until the part that rounds r, and that rounding
/// error starts r_low. Together they are right to 2^-24 (2^-53) of r for the arguments nearest to multiples of pi/2.
template <class T> TENON_ALWAYS_INLINE TrigArgument<T> reduce_trig(Batch<T> size) {
  constexpr bool single = sizeof(T) == 4;
  const Batch<T> shifter(Format<T>::shifter);
  const Batch<T> shifted = fma(size, Batch<T>(single ? T(0x1.45f306p-1) : T(0x1.45f306dc9c883p-1)), shifter);
  const Batch<T> n = shifter - shifted;  // negated
  const auto add = [&](Batch<T> to, double part) { return fma(n, Batch<T>(static_cast<T>(part)), to); };
  if constexpr (single) {
    const Batch<T> whole = add(add(size, 0x1.92p0), 0x1.fb4p-12);
    const Batch<T> r = add(whole, 0x1.444p-24);
    return {r, add(add(add(whole - r, 0x1.444p-24), 0x1.68cp-39), 0x1.1a6264p-54), shifted};
  } else {
    const Batch<T> whole = add(size, 0x1.921fb544p0);
    const Batch<T> r = add(whole, 0x1.0b4611a6p-34);
    return {r, add(add(add(whole - r, 0x1.0b4611a6p-34), 0x1.3198a2ep-69), 0x1.b839a252049c1p-104), shifted};
  }
}
/// sin(r + r_low) on |r| <= pi/4. Minimax on the relative error: 2^-27.9 (float), 2^-57.9 (double).
template <class T> TENON_ALWAYS_INLINE Batch<T> sin_near_zero(Batch<T> r, Batch<T> r_low, Batch<T> r2) {
  Batch<T> tail;
  if constexpr (sizeof(T) == 4) {
    tail = polynomial(r2, -0.000195178975f, 0.00833218731f, -0.166666552f);
  } else {
    tail = polynomial(r2, 1.5895434746742742e-10, -2.5050734408241282e-8, 2.7557313538593042e-6,
                      -0.00019841269829358631, 0.0083333333333218407, -0.1666666666666663);
  }
  return r + fma(tail, r * r2, r_low);
}
/// cos(r) on |r| <= pi/4. Minimax on the relative error: 2^-33 (float), 2^-63.9 (double).
template <class T> TENON_ALWAYS_INLINE Batch<T> cos_near_zero(Batch<T> r2) {
  Batch<T> tail;
  if constexpr (sizeof(T) == 4) {
    tail = polynomial(r2, 2.44323273e-5f, -0.00138873095f, 0.0416666456f, -0.5f);
  } else {
    tail = polynomial(r2, -1.1358616720564673e-11, 2.0875703135414559e-9, -2.7557314203059731e-7, 2.4801587288965199e-5,
                      -0.0013888888888873307, 0.041666666666666595, -0.5);
  }
  return fma(tail, r2, Batch<T>(T(1)));
}
/// tan(r + r_low) on |r| <= pi/4. Minimax on the relative error: 2^-29.5 (float), 2^-56.1 (double).
template <class T> TENON_ALWAYS_INLINE Batch<T> tan_near_zero(Batch<T> r, Batch<T> r_low) {
  const Batch<T> r2 = r * r;
  Batch<T> tail;
  if constexpr (sizeof(T) == 4) {
    tail = polynomial(r2, 0.00437994907f, 8.44970418e-5f, 0.0108373705f, 0.0212828368f, 0.0540594421f, 0.133326724f,
                      0.333333492f);
  } else {
    tail = polynomial(r2, 2.0959787404539253e-5, -4.5276952526726539e-5, 9.0192230778228904e-5, -2.7189304197440129e-5,
                      0.00013709400558208681, 0.0002221044510047687, 0.00059515794784067934, 0.0014547358520904056,
                      0.0035922927140165134, 0.0088632187617955667, 0.021869489637541022, 0.053968253925478354,
                      0.13333333333417111, 0.3333333333333276);
  }
  return r + fma(tail, r * r2, fma(r_low, r2, r_low));  // d tan = (1 + tan^2) d r
}
/// y with the lanes where |x| is too large for reduce_trig computed by f alone.
template <class T, class F> TENON_ALWAYS_INLINE Batch<T> repair_large(Batch<T> x, Batch<T> size, Batch<T> y, F f) {
  const Mask<T> large = size > Batch<T>(trig_limit<T>);
  if (any(large)) [[unlikely]]
    y = select(large, each_lane(x, f), y);
  return y;
}
/// sin(n pi/2 + r + r_low) for shifted = shifter + n.
template <class T> TENON_ALWAYS_INLINE Batch<T> sin_of_parts(Batch<T> r, Batch<T> r_low, Batch<T> shifted) {
  const Batch<T> quadrant = low_two_bits(shifted);
  const Batch<T> r2 = r * r;
  const Batch<T> y = select(quadrant == Batch<T>(T(0)), sin_near_zero(r, r_low, r2), cos_near_zero(r2));
  return flip_where_negative(y, quadrant);
}
}  // namespace bits

/// sin(x); the sign of 0 stays. Max error for |x| <= 1e4 (float), 1e5 (double): 1.4 ulp float, 1.9 double. Lanes beyond
/// go through std::sin, one by one.
template <class T> TENON_ALWAYS_INLINE Batch<T> sin(Batch<T> x) {
  const Batch<T> size = abs(x);
  const auto [r, r_low, shifted] = bits::reduce_trig(size);
  const Batch<T> y = bits::flip_where_negative(bits::sin_of_parts(r, r_low, shifted), x);
  return bits::repair_large(x, size, y, [](T lane) { return std::sin(lane); });
}
/// cos(x) = sin(|x| + pi/2). Max error for |x| <= 1e4 (float), 1e5 (double): 1.4 ulp float, 1.9 double. Lanes beyond go
/// through std::cos, one by one.
template <class T> TENON_ALWAYS_INLINE Batch<T> cos(Batch<T> x) {
  const Batch<T> size = abs(x);
  const auto [r, r_low, shifted] = bits::reduce_trig(size);
  const Batch<T> y = bits::sin_of_parts(r, r_low, shifted + Batch<T>(T(1)));
  return bits::repair_large(x, size, y, [](T lane) { return std::cos(lane); });
}
/// tan(x); the sign of 0 stays. Max error for |x| <= 1e4 (float), 1e5 (double): 1.85 ulp. Lanes beyond go through
/// std::tan, one by one.
template <class T> TENON_ALWAYS_INLINE Batch<T> tan(Batch<T> x) {
  const Batch<T> size = abs(x);
  const auto [r, r_low, shifted] = bits::reduce_trig(size);
  const Batch<T> one(T(1));
  const Batch<T> t = bits::tan_near_zero(r, r_low);
  const Mask<T> even = bits::low_two_bits(shifted + shifted) == Batch<T>(T(0));
  const Batch<T> y = select(even, t, one) / select(even, one, t);
  const Batch<T> sign = bits::flip_sign(bits::low_bit_as_sign(shifted), bits::sign_bit(x));
  return bits::repair_large(x, size, bits::flip_sign(y, sign), [](T lane) { return std::tan(lane); });
}

}  // namespace tenon::inline TENON_ABI::simd
