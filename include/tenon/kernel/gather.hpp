// Rows taken from a table by their numbers, and rows added to one.
#pragma once

#include <cstring>

#include "tenon/kernel/lanes.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// The first position whose index is outside [0, rows), or -1.
template <class I> Index first_bad_index(Index count, const I* index, Index rows) noexcept {
  constexpr Index block = 64;  // a constant number at once, without a branch: the compiler makes lanes of it
  const auto outside = [=](Index i) {
    return static_cast<std::size_t>(static_cast<Index>(index[i])) >= static_cast<std::size_t>(rows);
  };
  for (Index first = 0; first < count; first += block) {
    const Index n = count - first < block ? count - first : block;
    std::size_t bad = 0;
    if (n == block) {
      for (Index i = 0; i < block; ++i) bad |= static_cast<std::size_t>(outside(first + i));
      if (bad == 0) continue;
    }
    for (Index i = first; i < first + n; ++i)
      if (outside(i)) return i;
  }
  return -1;
}

/// y[i] = table[index[i]] for rows of n elements.
/// Pre:  all without gaps; indices are in range
/// Cost: a memcpy a row
template <class T, class I> void gather_rows(Index count, Index n, const T* table, const I* index, T* y) noexcept {
  if (n == 0) return;
  simd::parallel_for(count, line_grain(n), [=](Index first, Index last) {
    for (Index i = first; i < last; ++i)
      std::memcpy(static_cast<void*>(y + i * n), table + static_cast<Index>(index[i]) * n,
                  static_cast<std::size_t>(n) * sizeof(T));
  });
}

/// table[index[i]] += x[i] for rows of n elements, in the order of i whatever the threads: each takes some columns.
/// Pre:  as gather_rows
template <class T, class I> void scatter_add_rows(Index count, Index n, const T* x, const I* index, T* table) noexcept {
  const Index grain = (line_grain(count) + 15) / 16 * 16;
  simd::parallel_for(n, grain, [=](Index first, Index last) {
    for (Index i = 0; i < count; ++i) {
      const T* from = x + i * n + first;
      T* to = table + static_cast<Index>(index[i]) * n + first;
      for_line<T>(last - first, [=](auto at) TENON_INLINE_LAMBDA { at.store(to, at.load(to) + at.load(from)); });
    }
  });
}

}  // namespace tenon::inline TENON_ABI::kernel
