// Convolution with lanes over pixels counted along padded rows: the general case, a matrix product whose right side is read
// in place.
#pragma once

#include "tenon/kernel/conv_pack.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// sums (R rows `row` apart, V vectors) of k taps: filter (k, R) times what each tap reads of the pixels from x on. Each
/// sum is one chain of multiply-adds over k from zero, in order.
template <class T, Index R, Index V>
[[gnu::noinline]] void conv_tile(Index k, const T* filter, const std::int32_t* tap, const T* x, T* sums, Index row,
                                 const T* y, Index y_row) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  B sum[R][V];
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V] = B(T(0)); });
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { __builtin_prefetch(y + e / V * y_row + e % V * W, 1); });
  for (const std::int32_t* end = tap + k; tap != end; ++tap, filter += R) {
    const T* from = x + *tap;
    B pixels[V];
    unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { pixels[v] = B::load(from + v * W); });
    unrolled<R>([&](Index i) TENON_INLINE_LAMBDA {
      const B f(filter[i]);
      unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { sum[i][v] = fma(f, pixels[v], sum[i][v]); });
    });
  }
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V].store(sums + e / V * row + e % V * W); });
}

/// Which tiles a group of `outputs` filters is cut into: enough sums that none waits for the one before.
template <class T> struct ConvTiles {
  using S = TileShape<T>;
  static constexpr Index lanes = S::lanes, most_vectors = 8;
  /// Filters of the next tile when `left` remain: full tiles, then 8, 6, 4, 2, 1.
  static constexpr Index next(Index left) {
    if (left >= S::rows) return S::rows;
    if (S::many_registers && left >= 8) return 8;
    return left >= 6 ? 6 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }
  /// Vectors of pixels in each tile.
  static constexpr Index vectors(Index outputs) { return outputs >= 4 ? 2 : outputs >= 2 ? 4 : 8; }

  template <Index R, Index V> struct Tile {
    static void run(Index n, Index k, const T* filter, const std::int32_t* tap, const T* x, T* sums, Index row,
                    const T* y, Index y_row) {
      for (Index i = 0; i < n; i += V * lanes) conv_tile<T, R, V>(k, filter, tap, x + i, sums + i, row, y + i, y_row);
    }
  };
  using Run = void (*)(Index n, Index k, const T* filter, const std::int32_t* tap, const T* x, T* sums, Index row,
                       const T* y, Index y_row);
  /// What makes n pixels of a tile's rows, n rounded up to whole tiles.
  static Run tile(Index rows, Index vectors) {
    if (vectors == 8) return Tile<1, 8>::run;
    if (vectors == 4) return rows == 2 ? Tile<2, 4>::run : Tile<1, 4>::run;
    if (rows == S::rows) return Tile<S::rows, 2>::run;
    if constexpr (S::many_registers) {
      if (rows == 8) return Tile<8, 2>::run;
      if (rows == 6) return Tile<6, 2>::run;
    }
    return rows == 4 ? Tile<4, 2>::run : rows == 2 ? Tile<2, 2>::run : Tile<1, 2>::run;
  }
};

/// What a block of pixels, counted along padded rows, holds of output rows.
template <class T> struct ConvRuns {
  /// Pixels of a block: the sums of a full tile's rows (12 KiB of float with 512-bit lanes) stay in L1.
  static constexpr Index block = 1024 / static_cast<Index>(sizeof(T));
  Index count = 0;
  std::array<std::int32_t, static_cast<std::size_t>(block)> from, pixel, length;

  /// Pixels first .. first + n of rows of `width` pixels, `lane` apart.
  void cut(Index first, Index n, Index width, Index lane) {
    count = 0;
    Index p = first / lane, q = first % lane;
    for (Index at = 0; at < n; at += lane - q, ++p, q = 0) {
      if (q >= width) continue;
      const auto u = static_cast<std::size_t>(count++);
      from[u] = static_cast<std::int32_t>(at);
      pixel[u] = static_cast<std::int32_t>(p * width + q);
      length[u] = static_cast<std::int32_t>(smaller(width - q, n - at));
    }
  }
  /// y = or += the block's pixels; those of y lie side by side. What whole vectors store behind a run, the next one
  /// covers.
  void store(const T* sums, T* y, bool add) const {
    using B = simd::Batch<T>;
    const auto all = static_cast<std::size_t>(count);
    const Index end = pixel[all - 1] + length[all - 1];
    std::size_t u = 0;
    for (; !add && u < all && pixel[u] + rounded_up(length[u], B::size) <= end; ++u)
      for (Index i = 0; i < length[u]; i += B::size) B::load(sums + from[u] + i).store(y + pixel[u] + i);
    for (; u < all; ++u) {
      const T* x = sums + from[u];
      T* to = y + pixel[u];
      Index n = length[u];
      for (; n >= B::size; n -= B::size, x += B::size, to += B::size)
        (add ? B::load(to) + B::load(x) : B::load(x)).store(to);
      if (n == 0) continue;
      const auto tail = simd::Tail<T>::first(n);
      tail.store(to, add ? tail.load(to) + B::load(x) : B::load(x));
    }
  }
  /// The same for pixels that do not: y, rows and columns of a plane.
  void scatter(const T* sums, const Matrix<T>& y, bool add) const {
    for (std::size_t u = 0; u < static_cast<std::size_t>(count); ++u)
      for (Index i = 0; i < length[u]; ++i) {
        T& to = y((pixel[u] + i) / y.extent[1], (pixel[u] + i) % y.extent[1]);
        to = add ? to + sums[from[u] + i] : sums[from[u] + i];
      }
  }
};

}  // namespace tenon::inline TENON_ABI::kernel
