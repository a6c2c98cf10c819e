// tanh on lanes.
#pragma once

#include "tenon/simd/math_exp.hpp"

namespace tenon::inline TENON_ABI::simd {

/// tanh(x); the sign of 0 stays. By exp(-2|x|) = s (1 + q), s a power of two: (1 - s - s q) / (1 + s + s q).
template <class T>
TENON_ALWAYS_INLINE Batch<T> tanh(Batch<T> x) {
  constexpr T highest = sizeof(T) == 4 ? T(10) : T(20);  // 1 from here up
  const Batch<T> one(T(1));
  const Batch<T> size = bits::at_most(abs(x), Batch<T>(highest));
  const auto [r, shifted] = bits::reduce_exp(size * Batch<T>(T(-2)));
  const Batch<T> q = fma(bits::exp_tail(r), r * r, r);
  const Batch<T> s = bits::power_of_two(shifted);
  const Batch<T> above = (one - s) - s * q;
  const Batch<T> below = (one + s) + s * q;
  return bits::flip_sign(above / below, bits::sign_bit(x));
}

}  // namespace tenon::inline TENON_ABI::simd
