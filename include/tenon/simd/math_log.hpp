// The logarithms on lanes: log, log1p, softplus.
#pragma once

#include <cmath>

#include "tenon/simd/math_exp.hpp"

namespace tenon::inline TENON_ABI::simd {

namespace bits {
/// exponent * ln2 + log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)). exponent comes negated, so that -0 = f stays -0.
/// float: f - f^2/2 + f^3 P(f), error 2^-26.9 relative; double: log(1+f) = 2 atanh(f/(2+f)), error 2^-59.
template <class T> TENON_ALWAYS_INLINE Batch<T> log_of_parts(Batch<T> f, Batch<T> minus_exponent) {
  constexpr bool single = sizeof(T) == 4;
  constexpr T ln2_high = single ? T(0x1.62e4p-1) : T(0x1.62e42fefa38p-1);
  constexpr T ln2_low = single ? T(0x1.7f7d1cp-20) : T(0x1.ef35793c7673p-45);
  const Batch<T> f2 = f * f;
  const Batch<T> low = minus_exponent * Batch<T>(ln2_low);
  Batch<T> rest;  // f - log(1 + f) - low
  if constexpr (single) {
    rest = fma(f2,
               polynomial(f, 0.0763445944f, -0.127616033f, 0.131602198f, -0.142017588f, 0.166233525f, -0.200012267f,
                          0.250008225f, -0.333333313f, 0.5f),
               low);
  } else {
    const Batch<T> s = f / (Batch<T>(T(2)) + f);
    const Batch<T> z = s * s;
    const Batch<T> half = f2 * Batch<T>(T(0.5));
    const Batch<T> tail =
        z * polynomial(z, 0.14795376580838865, 0.15314109884023083, 0.1818356191527977, 0.22222198621646908,
                       0.28571428741890692, 0.39999999999417057, 0.6666666666666734);
    rest = half - fma(s, half + tail, -low);
  }
  return fma(minus_exponent, Batch<T>(-ln2_high), f - rest);
}
/// y where log's argument x is positive and finite, else log's special value.
template <class T> TENON_ALWAYS_INLINE Batch<T> log_specials(Batch<T> x, Batch<T> y) {
  using F = Format<T>;
  const Batch<T> zero(T(0));
  y = select(x < Batch<T>(F::infinity), y, x);  // infinity, NaN
  y = select(x < zero, Batch<T>(F::nan), y);
  return select(x == zero, Batch<T>(-F::infinity), y);
}
/// log(x) when every lane is a normal number, and the way for all other batches, which computes normal lanes alike.
template <class T> TENON_ALWAYS_INLINE Batch<T> log_of_normal(Batch<T> x) {
  const Split<T> s = split(x);
  return log_of_parts(s.mantissa - Batch<T>(T(1)), s.minus_exponent);
}
template <class T> TENON_COLD Batch<T> log_of_any(Batch<T> x) {
  constexpr T lift = sizeof(T) == 4 ? T(0x1p24) : T(0x1p54);  // makes a denormal normal
  constexpr T lift_exponent = sizeof(T) == 4 ? T(24) : T(54);
  const Mask<T> denormal = x < Batch<T>(Format<T>::min_normal);
  const Split<T> s = split(select(denormal, x * Batch<T>(lift), x));
  const Batch<T> minus_exponent = select(denormal, s.minus_exponent + Batch<T>(lift_exponent), s.minus_exponent);
  return log_specials(x, log_of_parts(s.mantissa - Batch<T>(T(1)), minus_exponent));
}
/// log(1 + x) for x > -1 and finite; others make no sense.
template <class T> TENON_ALWAYS_INLINE Batch<T> log1p_of_ordinary(Batch<T> x, Batch<T> sum) {
  const SplitSum<T> s = split_sum(x, sum);
  return log_of_parts(s.fraction, s.minus_exponent);
}
}  // namespace bits

/// log(x); -inf at 0, NaN below. Max error: 0.89 ulp, 0.96 without fma. A batch with a zero, negative, denormal,
/// infinite or NaN lane takes twice the time.
template <class T> TENON_ALWAYS_INLINE Batch<T> log(Batch<T> x) {
  using F = bits::Format<T>;
  const Mask<T> normal = (x >= Batch<T>(F::min_normal)) & (x < Batch<T>(F::infinity));
  if (!all_lanes(normal)) [[unlikely]]
    return bits::log_of_any(x);
  return bits::log_of_normal(x);
}

/// log(1 + x), accurate near 0 as well; the sign of 0 stays; -inf at -1, NaN below. Max error: 1.54 ulp.
template <class T> TENON_ALWAYS_INLINE Batch<T> log1p(Batch<T> x) {
  const Batch<T> sum = Batch<T>(T(1)) + x;
  const Batch<T> y = bits::log1p_of_ordinary(x, sum);
  const Mask<T> ordinary = (sum > Batch<T>(T(0))) & (sum < Batch<T>(bits::Format<T>::infinity));
  if (!all_lanes(ordinary)) [[unlikely]]
    return bits::log_specials(sum, y);
  return y;
}

/// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), without overflow in between. Max error: 1.8 ulp.
template <class T> TENON_ALWAYS_INLINE Batch<T> softplus(Batch<T> x) {
  const Batch<T> e = bits::exp_bounded(bits::minus_size(x, bits::exp_range<T>));
  return bits::at_least(x, Batch<T>(T(0))) + bits::log1p_of_ordinary(e, Batch<T>(T(1)) + e);
}
/// The scalar twin of softplus. Max error: 2 ulp.
template <class T>
requires std::is_floating_point_v<T> TENON_ALWAYS_INLINE T softplus(T x) {
  return (x < T(0) ? T(0) : x) + std::log1p(std::exp(-std::abs(x)));
}

}  // namespace tenon::inline TENON_ABI::simd
