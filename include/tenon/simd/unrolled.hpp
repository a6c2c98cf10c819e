// A loop of constant length written out.
#pragma once

#include <type_traits>
#include <utility>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI::simd {

/// f(0), ..., f(N - 1) with constants for arguments, inlined: only so do both compilers keep an array in registers. Where
/// nothing is inlined it is a loop. f takes an Index, so that it is compiled once, not N times.
template <Index N, class F> TENON_ALWAYS_INLINE void unrolled(F f) {
  if constexpr (inlines) {
    [&]<Index... I>(std::integer_sequence<Index, I...>) TENON_INLINE_LAMBDA { (f(I), ...); }
    (std::make_integer_sequence<Index, N>{});
  } else {
    for (Index i = 0; i < N; ++i) f(i);
  }
}

}  // namespace tenon::inline TENON_ABI::simd
