// Sums of arrays, each element in the order given.
#pragma once

#include "tenon/kernel/optimizer.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// y[i] = (((y[i] or nothing) + x[0][i]) + x[1][i]) + ...: the same bits whatever the threads.
/// Pre:  y and each of the `count` arrays x[k] hold n elements of their own; count > 0; `add`: y holds something already
/// Cost: reads each x once, writes y once
template <class T> void add_in_order(Index n, T* y, const T* const* x, Index count, bool add) noexcept {
  for_lanes<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
    auto sum = add ? at.load(y) + at.load(x[0]) : at.load(x[0]);
    for (Index k = 1; k < count; ++k) sum = sum + at.load(x[k]);
    at.store(y, sum);
  });
}

}  // namespace tenon::inline TENON_ABI::kernel
