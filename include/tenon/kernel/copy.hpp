// Blocks of elements copied from one array to another, or added.
#pragma once

#include <cstring>

#include "tenon/kernel/lanes.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// to[i * to_stride + j] = or += from[i * from_stride + j] for i in [0, count), j in [0, n).
/// Pre:  the arrays do not overlap
/// Cost: a memcpy a block, or one pass
template <class T>
void write_blocks(Index count, Index n, const T* from, Index from_stride, T* to, Index to_stride, Write mode) noexcept {
  if (n == 0) return;
  simd::parallel_for(count, line_grain(n), [=](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const T* f = from + i * from_stride;
      T* t = to + i * to_stride;
      if (mode == Write::store) {
        std::memcpy(static_cast<void*>(t), f, static_cast<std::size_t>(n) * sizeof(T));
      } else if constexpr (has_lanes<T> || !std::is_arithmetic_v<T>) {
        for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { at.store(t, at.load(t) + at.load(f)); });
      } else {
        for (Index j = 0; j < n; ++j) t[j] = static_cast<T>(t[j] + f[j]);
      }
    }
  });
}

/// x = value.
template <class T> void fill(Index n, T* x, T value) noexcept {
  for (Index i = 0; i < n; ++i) x[i] = value;
}

}  // namespace tenon::inline TENON_ABI::kernel
