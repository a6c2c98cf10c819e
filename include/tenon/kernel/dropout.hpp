// Dropout masks: one bit an element, from a counter.
#pragma once

#include "tenon/base/random.hpp"
#include "tenon/shape/span.hpp"
#include "tenon/simd/parallel.hpp"

namespace tenon::inline TENON_ABI::kernel {

inline constexpr Index mask_word = 32;  // elements a word of a mask
inline Index mask_words(Index elements) noexcept { return (elements + mask_word - 1) / mask_word; }

/// The uniform numbers of elements [32 w, 32 w + 32), as multiples of 2^-32: Philox blocks 8 w ... 8 w + 7, one block 4
/// neighbours. Eight blocks at once, so that the compiler may put one in each lane.
inline void draw_word(Index w, PhiloxKey key, std::uint32_t (&u)[mask_word]) noexcept {
  constexpr int lanes = 8;
  std::uint32_t c0[lanes], c1[lanes], c2[lanes] = {}, c3[lanes] = {};
  for (int k = 0; k < lanes; ++k) {
    const std::uint64_t block = static_cast<std::uint64_t>(w) * lanes + static_cast<std::uint64_t>(k);
    c0[k] = static_cast<std::uint32_t>(block);
    c1[k] = static_cast<std::uint32_t>(block >> 32);
  }
  for (int round = 0; round < 10; ++round) {
    for (int k = 0; k < lanes; ++k) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c0[k], p1 = std::uint64_t{0xCD9E8D57u} * c2[k];
      c0[k] = static_cast<std::uint32_t>(p1 >> 32) ^ c1[k] ^ key[0];
      c1[k] = static_cast<std::uint32_t>(p1);
      c2[k] = static_cast<std::uint32_t>(p0 >> 32) ^ c3[k] ^ key[1];
      c3[k] = static_cast<std::uint32_t>(p0);
    }
    key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
  }
  for (int k = 0; k < lanes; ++k) {
    u[4 * k] = c0[k];
    u[4 * k + 1] = c1[k];
    u[4 * k + 2] = c2[k];
    u[4 * k + 3] = c3[k];
  }
}

/// Bit k of the mask is set, with probability 1 - threshold / 2^32, when element k is kept; it depends on (key, k) only.
/// Pre:  mask holds mask_words(n) words, threshold <= 2^32
/// Cost: one Philox block for 4 elements
inline void draw_mask(Index n, PhiloxKey key, std::uint64_t threshold, std::uint32_t* mask) noexcept {
  simd::parallel_for(mask_words(n), 256, [&](Index first, Index last) {
    for (Index w = first; w < last; ++w) {
      std::uint32_t u[mask_word], word = 0;
      draw_word(w, key, u);
      for (int b = 0; b < mask_word; ++b) word |= static_cast<std::uint32_t>(u[b] >= threshold) << b;
      mask[w] = word;
    }
  });
}

/// y[k] (+)= x[k] scale where bit k is set, x[k] 0 elsewhere: a NaN is not hidden. x[k] is read by at(k).
template <class T, class X, class S>
void apply_mask(Index n, const std::uint32_t* mask, S scale, X at, T* y, Write mode) noexcept {
  for (Index w = 0; w * mask_word < n; ++w) {
    const std::uint32_t word = mask[w];
    const Index first = w * mask_word, last = first + mask_word < n ? first + mask_word : n;
    for (Index k = first; k < last; ++k) {
      const T d = at(k) * T((word >> (k - first)) & 1u ? scale : S(0));
      y[k] = mode == Write::add ? y[k] + d : d;
    }
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
