// Copies of matrices that small products read well, and scratch in pieces.
#pragma once

#include "tenon/base/dual.hpp"
#include "tenon/kernel/lanes.hpp"
#include "tenon/shape/span.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Elements of a cache line, 1 at least.
template <class T> inline constexpr Index line_elements = sizeof(T) < 64 ? 64 / static_cast<Index>(sizeof(T)) : 1;
/// Elements between rows of n: whole cache lines, an odd number of them, so that rows do not share cache sets.
template <class T> constexpr Index spread_row(Index n) {
  return ((n + line_elements<T> - 1) / line_elements<T> | 1) * line_elements<T>;
}

/// Scratch split into pieces that begin on cache lines.
class ScratchPieces {
 public:
  explicit ScratchPieces(std::byte* at) : at_(at) {}
  template <class T> T* take(Index n) {
    T* p = reinterpret_cast<T*>(at_);
    at_ += (n * static_cast<Index>(sizeof(T)) + 63) / 64 * 64;
    return p;
  }
  std::byte* rest() const { return at_; }
  /// Bytes that take<T>(n) uses.
  template <class T> static constexpr Index bytes(Index n) {
    return (n * static_cast<Index>(sizeof(T)) + 63) / 64 * 64;
  }

 private:
  std::byte* at_;
};

/// out(j, i) = in(i, j) * scale, both with contiguous rows; 4 x 4 at a time where vectors can.
template <class T> void transpose_scaled(Matrix<const T> in, primal_t<T> scale, T* out, Index out_row) {
  const Index m = in.extent[0], n = in.extent[1];
  Index i = 0;
  if constexpr (has_lanes<T>)
    if constexpr (sizeof(simd::Batch<T>) >= 4 * sizeof(T))
      if (in.stride[1] == 1) {
        typedef T Four __attribute__((vector_size(4 * sizeof(T)), aligned(alignof(T)), may_alias));
        for (; i + 4 <= m; i += 4) {
          const T* from = in.data + i * in.stride[0];
          Index j = 0;
          for (; j + 4 <= n; j += 4) {
            const auto row = [&](Index r) TENON_INLINE_LAMBDA {
              return *reinterpret_cast<const Four*>(from + r * in.stride[0] + j) * scale;
            };
            const auto put = [&](Index c, auto x)
                                 TENON_INLINE_LAMBDA { *reinterpret_cast<Four*>(out + (j + c) * out_row + i) = x; };
            const auto a = row(0), b = row(1), c = row(2), d = row(3);
            const auto ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            const auto cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
            put(0, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
            put(1, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
            put(2, __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5));
            put(3, __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7));
          }
          for (; j < n; ++j)
            for (Index r = i; r < i + 4; ++r) out[j * out_row + r] = in(r, j) * scale;
        }
      }
  for (; i < m; ++i)
    for (Index j = 0; j < n; ++j) out[j * out_row + i] = in(i, j) * T(scale);
}

}  // namespace tenon::inline TENON_ABI::kernel
