// The bit-level steps of the math functions: exponents in and out, signs, polynomials. The one place that treats lanes
// as integers; it uses only unsigned + - & | << >>, which every xsimd version has on every machine, and what AVX-512 has
// one instruction for.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "tenon/simd/batch.hpp"

namespace tenon::inline TENON_ABI::simd::bits {

template <class T> using Word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
template <class T> using Words = xsimd::batch<Word<T>>;

/// The layout of T, and the constants made from it.
template <class T> struct Format {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "tenon::simd: math on lanes of float or double");
  static constexpr int fraction = sizeof(T) == 4 ? 23 : 52;
  static constexpr int width = 8 * static_cast<int>(sizeof(T));
  static constexpr Word<T> bias = sizeof(T) == 4 ? 127 : 1023;
  static constexpr Word<T> exponent_mask = (2 * bias + 1) << fraction;
  static constexpr T infinity = std::bit_cast<T>(exponent_mask);
  static constexpr T nan = std::bit_cast<T>(exponent_mask | Word<T>(1) << (fraction - 1));
  static constexpr T min_normal = std::bit_cast<T>(Word<T>(1) << fraction);
  /// 1.5 * 2^fraction: adding it to |v| < 2^(fraction-2) rounds v to an integer, ties to even, which then stands in the
  /// low bits of the sum.
  static constexpr T shifter = std::bit_cast<T>((bias + fraction) << fraction | Word<T>(1) << (fraction - 1));
  /// The same with 2 * bias in the low bits, where times_power_of_two wants it.
  static constexpr T biased_shifter = shifter + T(2 * bias);
  /// The same with bias, where exponent_from wants it.
  static constexpr T exponent_shifter = shifter + T(bias);
};

template <class T> TENON_ALWAYS_INLINE Words<T> to_words(Batch<T> x) { return std::bit_cast<Words<T>>(x.v); }
template <class T> TENON_ALWAYS_INLINE Batch<T> from_words(Words<T> w) {
  return Batch<T>(std::bit_cast<xsimd::batch<T>>(w));
}

/// min(x, bound) and max(x, bound) that are NaN where x is. x86 returns the second operand when either is NaN, Arm a
/// NaN.
template <class T> TENON_ALWAYS_INLINE Batch<T> at_most(Batch<T> x, Batch<T> bound) {
  return Batch<T>(xsimd::min(bound.v, x.v));
}
template <class T> TENON_ALWAYS_INLINE Batch<T> at_least(Batch<T> x, Batch<T> bound) {
  return Batch<T>(xsimd::max(bound.v, x.v));
}

/// -limit where x is below it, limit where x is above, else x; NaN stays. By the sign bit where logic is cheaper than a
/// second comparison: everywhere but on AVX-512.
template <class T> TENON_ALWAYS_INLINE Batch<T> within(Batch<T> x, Batch<T> limit);

/// 2^n as first * second, for the n that `shifted = biased_shifter + n` holds, -2 * bias < n <= 2 * bias: half the
/// exponent each, so that what is multiplied by one and then by the other overflows or becomes denormal once.
template <class T> struct PowerParts { Batch<T> first, second; };
template <class T> TENON_ALWAYS_INLINE PowerParts<T> power_parts(Batch<T> shifted) {
  using F = Format<T>;
  const Words<T> w = to_words(shifted);
  const Words<T> first = (w << (F::fraction - 1)) & Words<T>(F::exponent_mask);
  return {from_words<T>(first), from_words<T>((w << F::fraction) - first)};
}
/// p * 2^n for the same n.
template <class T> TENON_ALWAYS_INLINE Batch<T> times_power_of_two(Batch<T> p, Batch<T> shifted) {
#if defined(__AVX512F__)
  if constexpr (sizeof(p) == 64) {
    const Batch<T> n = shifted - Batch<T>(Format<T>::biased_shifter);
    if constexpr (sizeof(T) == 4) return xsimd::batch<T>(_mm512_scalef_ps(p.v, n.v));
    else return xsimd::batch<T>(_mm512_scalef_pd(p.v, n.v));
  }
#endif
  const PowerParts<T> power = power_parts(shifted);
  return p * power.first * power.second;
}
/// 2^n for the n that `shifted = exponent_shifter + n` holds, -bias < n <= bias.
template <class T> TENON_ALWAYS_INLINE Batch<T> exponent_from(Batch<T> shifted) {
  return from_words<T>(to_words(shifted) << Format<T>::fraction);
}
/// 2^n for the n that `shifted = biased_shifter + n` holds, -bias < n <= bias.
template <class T> TENON_ALWAYS_INLINE Batch<T> power_of_two(Batch<T> shifted) {
  using F = Format<T>;
  return from_words<T>((to_words(shifted) << F::fraction) - Words<T>(F::bias << F::fraction));
}

/// x = mantissa * 2^-minus_exponent, mantissa in [sqrt(1/2), sqrt(2)).
template <class T> struct Split { Batch<T> mantissa, minus_exponent; };
template <class T> inline constexpr Word<T> one_word = Format<T>::bias << Format<T>::fraction;
template <class T>
inline constexpr Word<T> root_half_word = std::bit_cast<Word<T>>(static_cast<T>(0.70710678118654752440));
/// 2^fraction: an integer in its low bits is its value above 2^fraction.
template <class T>
inline constexpr T integer_one = std::bit_cast<T>((Format<T>::bias + Format<T>::fraction) << Format<T>::fraction);

/// Pre: x positive, finite and normal; what comes out of others means nothing.
template <class T> TENON_ALWAYS_INLINE Split<T> split(Batch<T> x) {
  using F = Format<T>;
  const Words<T> w = to_words(x) + Words<T>(one_word<T> - root_half_word<T>);
  const Batch<T> biased = from_words<T>((w >> F::fraction) | Words<T>(std::bit_cast<Word<T>>(integer_one<T>)));
  const Words<T> fraction = w & Words<T>((Word<T>(1) << F::fraction) - 1);
  return {from_words<T>(fraction + Words<T>(root_half_word<T>)), Batch<T>(integer_one<T> + T(F::bias)) - biased};
}

/// 1 + x = (1 + fraction) * 2^-minus_exponent with fraction rounded once, 1 + fraction in [sqrt(1/2), sqrt(2)) or next
/// to it.
template <class T> struct SplitSum { Batch<T> fraction, minus_exponent; };
/// Pre: sum = 1 + x rounded, positive and finite; what comes out of others means nothing.
template <class T> TENON_ALWAYS_INLINE SplitSum<T> split_sum(Batch<T> x, Batch<T> sum) {
  using F = Format<T>;
  const Words<T> w = to_words(sum) + Words<T>(one_word<T> - root_half_word<T>);
  const Batch<T> biased = from_words<T>((w >> F::fraction) | Words<T>(std::bit_cast<Word<T>>(integer_one<T>)));
  const Words<T> exponent = w & Words<T>(F::exponent_mask);
  const Batch<T> scaled = from_words<T>(to_words(x) - (exponent - Words<T>(one_word<T>)));
  // 2^minus_exponent; a negative number where it would be denormal, and then 0 is as good.
  const Batch<T> scale = at_least(from_words<T>(Words<T>(2 * one_word<T>) - exponent), Batch<T>(T(0)));
  return {scaled - (Batch<T>(T(1)) - scale), Batch<T>(integer_one<T> + T(F::bias)) - biased};
}

/// The sign bit of x and nothing else: +0 or -0.
template <class T> TENON_ALWAYS_INLINE Batch<T> sign_bit(Batch<T> x) {
  return Batch<T>(x.v & xsimd::batch<T>(T(-0.0)));
}
/// x with its sign changed where s (+0 or -0) is negative.
template <class T> TENON_ALWAYS_INLINE Batch<T> flip_sign(Batch<T> x, Batch<T> s) { return Batch<T>(x.v ^ s.v); }
/// y with its sign changed where x is negative, be it -0.
template <class T> TENON_ALWAYS_INLINE Batch<T> flip_where_negative(Batch<T> y, Batch<T> x) {
#if defined(__AVX512F__)
  if constexpr (sizeof(y) == 64) {
    constexpr int y_xor_x_and_mask = 0x78;
    const auto words = [](Batch<T> b) { return std::bit_cast<__m512i>(b.v); };
    return std::bit_cast<xsimd::batch<T>>(
        _mm512_ternarylogic_epi64(words(y), words(x), words(Batch<T>(T(-0.0))), y_xor_x_and_mask));
  }
#endif
  return flip_sign(y, sign_bit(x));
}
template <class T> TENON_ALWAYS_INLINE Batch<T> within(Batch<T> x, Batch<T> limit) {
  if constexpr (sizeof(x) == 64) return at_most(at_least(x, -limit), limit);
  else return flip_sign(at_most(abs(x), limit), sign_bit(x));
}
/// The low two bits of the integer n in `shifted = shifter + n`, as a sign (bit 1) on 0 or 2 (bit 0).
template <class T> TENON_ALWAYS_INLINE Batch<T> low_two_bits(Batch<T> shifted) {
  return from_words<T>(to_words(shifted) << (Format<T>::width - 2));
}
/// The lowest bit of the integer n in `shifted = shifter + n`, as a sign: -0 for odd n.
template <class T> TENON_ALWAYS_INLINE Batch<T> low_bit_as_sign(Batch<T> shifted) {
  return from_words<T>(to_words(shifted) << (Format<T>::width - 1));
}

/// Coefficients from the highest power down; one fma each (Horner), the fewest operations and the least rounding.
template <class T, class... C> TENON_ALWAYS_INLINE Batch<T> polynomial(Batch<T> x, T highest, C... lower) {
  Batch<T> y(highest);
  ((y = fma(y, x, Batch<T>(lower))), ...);
  return y;
}

/// f on every lane alone, out of line: for rare arguments.
template <class T, class F> TENON_COLD Batch<T> each_lane(Batch<T> x, F f) {
  alignas(64) T lanes[Batch<T>::size];
  x.store_aligned(lanes);
  for (T& lane : lanes) lane = f(lane);
  return Batch<T>::load_aligned(lanes);
}

}  // namespace tenon::inline TENON_ABI::simd::bits
