// erf on lanes.
#pragma once

#include "tenon/simd/math_exp.hpp"

namespace tenon::inline TENON_ABI::simd {

namespace bits {
/// -log(1 - erf(x)) / x - 1, for x from 0 to where erf is 1. The error in erf is below 2^-27.8 (float), 2^-54.9
/// (double) relative. Minimax on the relative error of erf, by Remez exchange; the error grows with x where erf no
/// longer cares.
template <class T> TENON_ALWAYS_INLINE Batch<T> erf_exponent(Batch<T> x) {
  if constexpr (sizeof(T) == 4) {
    return polynomial(x, -9.38728681e-6f, 0.000118856107f, -0.000637347926f, 0.00167565432f, -0.000169489373f,
                      -0.0191478264f, 0.102776304f, 0.636619568f, 0.128379166f);
  } else {
    return polynomial(x, -3.5919335661876594e-15, 1.6147635291700065e-13, -3.3641452489937748e-12,
                      4.301546230426511e-11, -3.7605178226715857e-10, 2.3604001285216084e-9, -1.0772835138525937e-8,
                      3.4583053811984729e-8, -6.5728627150253457e-8, -1.1718848273376062e-8, 5.7065071370567451e-7,
                      -2.0372134723362267e-6, 3.1329898355523976e-6, 3.1696468538499727e-6, -2.9575649320915311e-5,
                      6.4420461369479008e-5, 2.590450447271809e-5, -0.00059013243166373464, 0.0016962076702027899,
                      -0.00020919485397203011, -0.019128446993090367, 0.10277260330131524, 0.63661977236759093,
                      0.12837916709551256);
  }
}
}  // namespace bits

/// erf(x); the sign of 0 stays. Max error: 1.51 ulp, 1.64 without fma. By erf(x) = 1 - exp(-w) with w a polynomial, and
/// exp(-w) = s (1 + q), s a power of two.
template <class T> TENON_ALWAYS_INLINE Batch<T> erf(Batch<T> x) {
  constexpr T highest = sizeof(T) == 4 ? T(3.95) : T(5.95);  // 1 from here up
  const Batch<T> size = bits::at_most(abs(x), Batch<T>(highest));
  const Batch<T> more = size * bits::erf_exponent(size);
  const Batch<T> w = size + more;
  bits::ExpArgument<T> a = bits::reduce_exp(-w);
  a.low += (size - w) + more;  // what rounding w lost
  const Batch<T> q = bits::expm1_near_zero_exact(a);
  const Batch<T> s = bits::power_of_two(a.shifted);
  return bits::flip_where_negative((Batch<T>(T(1)) - s) - s * q, x);
}

}  // namespace tenon::inline TENON_ABI::simd
