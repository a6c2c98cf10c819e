// Transposed copies: squares of elements turn in registers, so that both arrays are read and written in runs.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "tenon/simd/batch.hpp"
#include "tenon/simd/parallel.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Turns squares of `size` x `size` words W: rows of 32 bytes, or 16 where registers hold no more.
template <class W> struct Square {
  static constexpr Index bytes = sizeof(simd::Batch<float>) < 32 ? 16 : 32;
  static constexpr Index size = bytes / static_cast<Index>(sizeof(W));
  typedef W Row __attribute__((vector_size(bytes)));

  /// to[i * to_stride + j] = from[j * from_stride + i].
  TENON_ALWAYS_INLINE static void turn(const W* from, Index from_stride, W* to, Index to_stride) {
    Row r[size];
    each([&](auto k) TENON_INLINE_LAMBDA { std::memcpy(&r[k], from + k * from_stride, sizeof(Row)); });
    exchange<size / 2>(r);
    each([&](auto k) TENON_INLINE_LAMBDA { std::memcpy(to + k * to_stride, &r[k], sizeof(Row)); });
  }

 private:
  /// f(k) for each row, written out: g++ at -O2 keeps an array in registers only when no loop runs over it.
  template <class F> TENON_ALWAYS_INLINE static void each(F f) {
    [&]<std::size_t... K>(std::index_sequence<K...>) TENON_INLINE_LAMBDA {
      (f(std::integral_constant<Index, static_cast<Index>(K)>{}), ...);
    }
    (std::make_index_sequence<static_cast<std::size_t>(size)>{});
  }
  /// Rows k and k + D exchange the halves of each run of 2 D elements that are not on the diagonal; then with D / 2.
  template <Index D> TENON_ALWAYS_INLINE static void exchange(Row (&r)[size]) {
    if constexpr (D > 0) {
      each([&](auto k) TENON_INLINE_LAMBDA {
        if constexpr ((k() & D) == 0) {
          const Row a = r[k], b = r[k + D];
          r[k] = first<D>(a, b, std::make_integer_sequence<int, static_cast<int>(size)>{});
          r[k + D] = second<D>(a, b, std::make_integer_sequence<int, static_cast<int>(size)>{});
        }
      });
      exchange<D / 2>(r);
    }
  }
  template <Index D, int... I> TENON_ALWAYS_INLINE static Row first(Row a, Row b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, ((I & D) ? I - static_cast<int>(D) + static_cast<int>(size) : I)...);
  }
  template <Index D, int... I> TENON_ALWAYS_INLINE static Row second(Row a, Row b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, ((I & D) ? I + static_cast<int>(size) : I + static_cast<int>(D))...);
  }
};

/// Turns a tile of 16 x 16 words, whose rows are whole cache lines of `to`, and writes these past the caches.
template <class W> void turn_streaming(const W* from, Index from_stride, W* to, Index to_stride) {
  constexpr Index size = Square<W>::size, line = 16;
  using B = simd::Batch<float>;
  alignas(64) W turned[line * line];
  for (Index i = 0; i < line; i += size)
    for (Index j = 0; j < line; j += size)
      Square<W>::turn(from + j * from_stride + i, from_stride, turned + i * line + j, line);
  for (Index i = 0; i < line; ++i) {
    const float* row = reinterpret_cast<const float*>(turned + i * line);
    float* out = reinterpret_cast<float*>(to + i * to_stride);
    for (Index k = 0; k < line * static_cast<Index>(sizeof(W) / sizeof(float)); k += B::size)
      B::load(row + k).store_streaming(out + k);
  }
}
/// A result from here up, in bytes, is written past the caches, which it would have left before its first reader came.
inline constexpr Index streamed_bytes = Index{1} << 24;

namespace detail {
/// f(first, last) for runs of `step` that cover [first, last).
template <class F> TENON_ALWAYS_INLINE void in_steps(Index first, Index last, Index step, F f) {
  for (Index i = first; i < last; i += step) f(i, i + step < last ? i + step : last);
}
}  // namespace detail

/// to[i * to_stride + j] = from[j * from_stride + i] for i in [0, rows), j in [0, columns): words of 4 or 8 bytes.
/// Pre:  the arrays do not overlap
/// Cost: reads and writes each cache line about once: tiles of 64 x 64 words for pages, of 16 x 16 for lines; a large
///       result whose rows begin on cache lines is not read first
template <class W>
void transpose(Index rows, Index columns, const W* from, Index from_stride, W* to, Index to_stride) noexcept {
  constexpr Index size = Square<W>::size, page = 64, line = 16;
  const Index whole = columns / size * size, grain = ((Index{1} << 15) / (columns + 1) + page) / page * page;
  const Index bytes = rows * columns * static_cast<Index>(sizeof(W));
  const bool far = bytes > (Index{1} << 19);  // not in L2
  const bool streams = bytes >= streamed_bytes && reinterpret_cast<std::uintptr_t>(to) % 64 == 0 &&
                       to_stride * static_cast<Index>(sizeof(W)) % 64 == 0;
  simd::parallel_for(rows, grain, [=](Index first, Index last) {
    using detail::in_steps;
    const Index whole_last = first + (last - first) / size * size;
    in_steps(first, whole_last, page, [&](Index i0, Index i1) TENON_INLINE_LAMBDA {
      in_steps(0, whole, page, [&](Index j0, Index j1) TENON_INLINE_LAMBDA {
        in_steps(i0, i1, line, [&](Index i2, Index i3) TENON_INLINE_LAMBDA {
          in_steps(j0, j1, line, [&](Index j2, Index j3) TENON_INLINE_LAMBDA {
            // Lines apart: the processor does not foresee them.
            for (Index q = 0; q < (far ? line : 0); ++q)
              __builtin_prefetch(from + (j2 + page + q) * from_stride + i2, 0, 2);
            if (streams && i3 - i2 == line && j3 - j2 == line)
              return turn_streaming(from + j2 * from_stride + i2, from_stride, to + i2 * to_stride + j2, to_stride);
            for (Index q = 0; q < (far ? line : 0); ++q) __builtin_prefetch(to + (i2 + q) * to_stride + j2 + page, 1);
            for (Index i = i2; i < i3; i += size)
              for (Index j = j2; j < j3; j += size)
                Square<W>::turn(from + j * from_stride + i, from_stride, to + i * to_stride + j, to_stride);
          });
        });
      });
    });
    for (Index i = first; i < last; ++i)
      for (Index j = i < whole_last ? whole : 0; j < columns; ++j)  // by memcpy: the words stand for floats, too
        std::memcpy(to + i * to_stride + j, from + j * from_stride + i, sizeof(W));
    if (streams) simd::streaming_fence();
  });
}

}  // namespace tenon::inline TENON_ABI::kernel
