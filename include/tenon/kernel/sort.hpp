// The order of a line of numbers.
#pragma once

#include <cstdint>

#include "tenon/base/dual.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Whether a stands before b: NaN counts as the largest number.
template <class T> bool sorts_before(const T& a, const T& b, bool descending) noexcept {
  const bool less = a < b || (b != b && !(a != a)), greater = b < a || (a != a && !(b != b));
  return descending ? greater : less;
}

/// Fills `order` with 0 ... n - 1 so that x[order[i] * stride] is sorted; equal numbers keep their order. Merges runs, the
/// first of them sorted by insertion.
/// Pre:  order and spare hold n numbers each
/// Cost: n log2(n / 8) comparisons
template <class T>
void argsort(Index n, const T* x, Index stride, bool descending, std::int64_t* order, std::int64_t* spare) noexcept {
  constexpr Index run = 8;
  auto before = [=](std::int64_t a, std::int64_t b) { return sorts_before(x[a * stride], x[b * stride], descending); };
  for (Index i = 0; i < n; ++i) {
    Index at = i;
    for (; at % run != 0 && before(i, order[at - 1]); --at) order[at] = order[at - 1];
    order[at] = i;
  }
  for (Index width = run; width < n; width *= 2) {
    for (Index first = 0; first < n; first += 2 * width) {
      const Index middle = first + width < n ? first + width : n, last = middle + width < n ? middle + width : n;
      Index a = first, b = middle;
      for (Index i = first; i < last; ++i)
        spare[i] = a < middle && (b == last || !before(order[b], order[a])) ? order[a++] : order[b++];
    }
    for (Index i = 0; i < n; ++i) order[i] = spare[i];
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
