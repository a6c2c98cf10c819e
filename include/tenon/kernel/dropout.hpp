// Dropout masks: one bit an element, from a counter.
#pragma once

#include "tenon/base/random.hpp"
#include "tenon/shape/span.hpp"
#include "tenon/simd/parallel.hpp"

namespace tenon::inline TENON_ABI::kernel {

inline constexpr Index mask_word = 32;  // elements a word of a mask
inline Index mask_words(Index elements) noexcept { return (elements + mask_word - 1) / mask_word; }

/// Bit k of the mask is set, with probability 1 - threshold / 2^16, when element k is kept: when its 16 bits, number k
/// mod 8 of Philox block k / 8, are at least the threshold. It depends on (key, k) only.
/// Pre:  mask holds mask_words(n) words, threshold <= 2^16
/// Cost: one Philox block for 8 elements
inline void draw_mask(Index n, PhiloxKey key, std::uint32_t threshold, std::uint32_t* mask) noexcept {
  const std::uint32_t room = 0x10000u - threshold;  // bits + room reaches 2^16 when bits >= threshold
  simd::parallel_for(mask_words(n), 256, [&](Index first, Index last) {
    for (Index w = first; w < last; ++w) {
      std::uint32_t word = 0;
      for (int b = 0; b < 4; ++b) {
        const auto block = static_cast<std::uint64_t>(4 * w + b);
        const auto r = philox({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0}, key);
        auto kept = [&](std::uint32_t x) {
          return (((x & 0xffffu) + room) >> 16) | ((((x >> 16) + room) >> 15) & 2u);  // two elements
        };
        word |= (kept(r[0]) | kept(r[1]) << 2 | kept(r[2]) << 4 | kept(r[3]) << 6) << (8 * b);
      }
      mask[w] = word;
    }
  });
}

/// y[k] (+)= x[k] scale where bit k is set, x[k] 0 elsewhere: a NaN is not hidden.
template <class T, class S>
void apply_mask(Index n, const std::uint32_t* mask, S scale, const T* x, T* y, Write mode) noexcept {
  for (Index first = 0; first < n; first += mask_word) {
    const std::uint32_t word = mask[first / mask_word];
    const Index last = first + mask_word < n ? first + mask_word : n;
    for (Index k = first; k < last; ++k) {
      const T d = x[k] * T((word >> (k - first)) & 1u ? scale : S(0));
      y[k] = mode == Write::add ? y[k] + d : d;
    }
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
