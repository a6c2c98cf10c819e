// Blocks of elements copied from one array to another, or added.
#pragma once

#include <cstring>

#include "tenon/kernel/lanes.hpp"
#include "tenon/simd/unrolled.hpp"

namespace tenon::inline TENON_ABI::kernel {

namespace detail {
/// Blocks of N elements, so few that a memcpy would take longer to call than to run.
template <int N, class T>
void copy_small_blocks(Index count, const T* from, Index from_stride, T* to, Index to_stride) noexcept {
  for (Index i = 0; i < count; ++i)
    simd::unrolled<N>([&](Index j) TENON_INLINE_LAMBDA { to[i * to_stride + j] = from[i * from_stride + j]; });
}
}  // namespace detail

/// to[i * to_stride + j] = from[i * from_stride + j] for i in [0, count), j in [0, n), on this thread.
/// Pre:  the arrays do not overlap, n > 0
template <class T>
void copy_blocks(Index count, Index n, const T* from, Index from_stride, T* to, Index to_stride) noexcept {
  switch (n) {
    case 1:
      return detail::copy_small_blocks<1>(count, from, from_stride, to, to_stride);
    case 2:
      return detail::copy_small_blocks<2>(count, from, from_stride, to, to_stride);
    case 3:
      return detail::copy_small_blocks<3>(count, from, from_stride, to, to_stride);
    case 4:
      return detail::copy_small_blocks<4>(count, from, from_stride, to, to_stride);
    default:
      for (Index i = 0; i < count; ++i)
        std::memcpy(static_cast<void*>(to + i * to_stride), from + i * from_stride,
                    static_cast<std::size_t>(n) * sizeof(T));
  }
}

/// to[i * to_stride + j] = or += from[i * from_stride + j] for i in [0, count), j in [0, n).
/// Pre:  the arrays do not overlap
/// Cost: a memcpy a block, or one pass
template <class T>
void write_blocks(Index count, Index n, const T* from, Index from_stride, T* to, Index to_stride, Write mode) noexcept {
  if (n == 0) return;
  simd::parallel_for(count, line_grain(n), [=](Index first, Index last) {
    if (mode == Write::store)
      return copy_blocks(last - first, n, from + first * from_stride, from_stride, to + first * to_stride, to_stride);
    for (Index i = first; i < last; ++i) {
      const T* f = from + i * from_stride;
      T* t = to + i * to_stride;
      if constexpr (has_lanes<T> || !std::is_arithmetic_v<T>) {
        for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { at.store(t, at.load(t) + at.load(f)); });
      } else {
        for (Index j = 0; j < n; ++j) t[j] = static_cast<T>(t[j] + f[j]);
      }
    }
  });
}

/// to[(i * times + k) * n + j] = from[i * n + j] for k in [0, times).
/// Pre:  the arrays do not overlap
/// Cost: reads from once
template <class T> void repeat_blocks(Index count, Index n, const T* from, Index times, T* to) noexcept {
  if (n == 0 || times == 0) return;
  simd::parallel_for(count, line_grain(n * times), [=](Index first, Index last) {
    if (n == 1 && times == 2) {
      for (Index i = first; i < last; ++i) to[2 * i] = to[2 * i + 1] = from[i];
    } else if (n == 1) {
      for (Index i = first; i < last; ++i)
        for (Index k = 0; k < times; ++k) to[i * times + k] = from[i];
    } else {
      for (Index i = first; i < last; ++i) copy_blocks(times, n, from + i * n, 0, to + i * times * n, n);
    }
  });
}

/// x = value.
template <class T> void fill(Index n, T* x, T value) noexcept {
  if constexpr (has_lanes<T>) {
    const simd::Batch<T> all(value);
    for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { at.store(x, all); });
  } else {
    for (Index i = 0; i < n; ++i) x[i] = value;
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
