// Where the largest or smallest element of a line is: along lanes, or of lines side by side, one a lane.
#pragma once

#include <cstdint>

#include "tenon/kernel/lanes.hpp"
#include "tenon/simd/math_basic.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Max: the first of the largest elements, else the first of the smallest; the first NaN when there is one.
template <bool Max, class T> struct ArgExtreme {
  static_assert(has_lanes<T>);
  using B = simd::Batch<T>;

  /// Of n elements without gaps. Pre: n > 0
  /// Cost: reads them once from memory; then looks, from the front, for the one it was
  static Index line(Index n, const T* x) noexcept {
    const T best = extreme(n, x);
    const B wanted(best);
    const bool none = best != best;
    Index i = 0;
    for (; i + B::size <= n; i += B::size)
      if (const B v = B::load(x + i); any(none ? v != v : v == wanted)) break;
    while (none ? x[i] == x[i] : x[i] != best) ++i;
    return i;
  }

  static constexpr Index width = 512;
  /// Of `columns` <= width lines of n elements side by side, `stride` apart, into at. Pre: 0 < n < 2^24
  static void columns(Index n, Index stride, Index columns, const T* x, std::int64_t* at) noexcept {
    alignas(64) T best[width], place[width];  // places are small enough to be exact in T
    for (Index j = 0; j < columns; ++j) best[j] = x[j], place[j] = T(0);
    for (Index i = 1; i < n; ++i) {
      const T* row = x + i * stride;
      for_line<T>(columns, [&](auto lanes) TENON_INLINE_LAMBDA {
        const B v = lanes.load(row), b = lanes.load(best);
        const auto better = (Max ? v > b : v < b) | ((v != v) & (b == b));
        lanes.store(best, select(better, v, b));
        lanes.store(place, select(better, B(i), lanes.load(place)));
      });
    }
    for (Index j = 0; j < columns; ++j) at[j] = static_cast<std::int64_t>(place[j]);
  }

 private:
  TENON_ALWAYS_INLINE static B better(B a, B b) {
    if constexpr (Max) return maximum(a, b);
    else return minimum(a, b);
  }
  static T extreme(Index n, const T* x) noexcept {
    if (n < B::size) {
      T m = x[0];
      for (Index i = 1; i < n; ++i) m = Max ? simd::maximum(m, x[i]) : simd::minimum(m, x[i]);
      return m;
    }
    B m[4] = {B::load(x), B::load(x), B::load(x), B::load(x)};
    Index i = B::size;
    for (; i + 4 * B::size <= n; i += 4 * B::size)
      for (Index k = 0; k < 4; ++k) m[k] = better(m[k], B::load(x + i + k * B::size));
    for (; i + B::size <= n; i += B::size) m[0] = better(m[0], B::load(x + i));
    m[1] = better(m[1], B::load(x + n - B::size));  // overlaps: it may see an element twice
    const B all = better(better(m[0], m[1]), better(m[2], m[3]));
    if constexpr (Max) return reduce_max(all);
    else return -reduce_max(-all);
  }
};

}  // namespace tenon::inline TENON_ABI::kernel
