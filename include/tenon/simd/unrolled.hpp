// A loop of constant length written out.
#pragma once

#include <type_traits>
#include <utility>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI::simd {

/// f(0), ..., f(N - 1) with constants for arguments, inlined: only so do both compilers keep an array in registers.
template <Index N, class F> TENON_ALWAYS_INLINE void unrolled(F f) {
  [&]<Index... I>(std::integer_sequence<Index, I...>) __attribute__((always_inline)) {
    (f(std::integral_constant<Index, I>{}), ...);
  }
  (std::make_integer_sequence<Index, N>{});
}

}  // namespace tenon::inline TENON_ABI::simd
