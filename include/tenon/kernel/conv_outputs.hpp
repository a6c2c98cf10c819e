// Convolution with lanes over outputs: vectors of filters times single pixels, so that rows of any width fill the lanes.
#pragma once

#include "tenon/kernel/conv_pack.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// sums (R pixels `row` apart, V vectors of outputs) = or += filter (channels, taps, V vectors) times pixels x ... x + R.
template <class T, Index R, Index V>
[[gnu::noinline]] void output_tile(const ChannelTaps& loop, const T* filter, const T* x, T* sums, Index row, bool add) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  B sum[R][V];
  if (add)
    unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V] = B::load(sums + e / V * row + e % V * W); });
  else unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V] = B(T(0)); });
  for (Index c = loop.channels; c > 0; --c, x += loop.channel, filter += loop.taps * V * W) {
    const T* f = filter + loop.first * V * W;
    for (Index t = loop.first; t < loop.last; ++t, f += V * W) {
      const T* from = x + loop.offset[t];
      B w[V];
      unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { w[v] = B::load(f + v * W); });
      unrolled<R>([&](Index i) TENON_INLINE_LAMBDA {
        const B pixel(from[i]);
        unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { sum[i][v] = fma(pixel, w[v], sum[i][v]); });
      });
    }
  }
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V].store(sums + e / V * row + e % V * W); });
}

/// How rows of `width` pixels and `outputs` filters are cut into tiles of one or two vectors.
template <class T> struct OutputTiles {
  static constexpr Index lanes = simd::Batch<T>::size;
  static constexpr bool many = TileShape<T>::many_registers;
  static constexpr Index most_pixels = many ? 14 : 6;
  /// Taps at a time, about: a panel of two vectors of filters (40 KiB with 512-bit lanes) stays in L1.
  static constexpr Index depth = 20480 / (lanes * static_cast<Index>(sizeof(T)));
  Index outputs, width;

  /// Filters of the next panel when `left` remain.
  static constexpr Index next(Index left) { return left <= lanes ? lanes : 2 * lanes; }
  Index vectors() const { return (outputs + lanes - 1) / lanes; }
  Index columns() const { return vectors() * lanes; }
  Index parts() const { return (width + most_pixels - 1) / most_pixels; }
  /// Pixels of a tile: of the sizes there are, that which cuts a row into parts().
  Index pixels() const {
    const Index n = parts() > 0 ? (width + parts() - 1) / parts() : 0;
    if constexpr (many) return n <= 4 ? 4 : n <= 8 ? 8 : n <= 10 ? 10 : n <= 12 ? 12 : n;
    else return n <= 2 ? 2 : n <= 4 ? 4 : 6;
  }
  /// Pixels from one row of sums to the next: whole tiles.
  Index pitch() const { return parts() * pixels(); }
  /// Time for a row and k taps, in multiply-adds of vectors: a panel of one vector waits for its loads.
  Index cost(Index k) const {
    return pitch() * k * (vectors() * 21 + vectors() % 2 * 5) / 20 + width * outputs * 6 / 5;
  }

  /// Where results go: y (outputs, rows, width) = or += sums.
  struct Target {
    T* y;
    std::array<Index, 3> stride;
    bool add;
  };
  /// sums (rows, pitch, columns) = or (part > 0) += the channels in `band`, the padded source of the rows from `row` on
  /// of an image of `height` rows; after the last part, to.y from them. loop: all but first and last. filter: panels of
  /// (channels, taps, one or two vectors).
  void run(ChannelTaps loop, const ConvWindow& w, Index row, Index rows, Index height, Index lane, const T* filter,
           const T* band, T* sums, bool first_part, bool last_part, const Target& to) const {
    const Index n = pixels(), all = columns();
    const bool small = rows * pitch() * all * static_cast<Index>(sizeof(T)) <= 16384;  // all sums stay in L1
    for (Index o = 0, wide; o < all; filter += wide * loop.channels * loop.taps, o += wide) {
      wide = next(all - o);
      const Index valid = smaller(wide, outputs - o);
      const Tile tile = wide == lanes ? tile_of<1>(n) : tile_of<2>(n);
      for (Index p = 0; p < rows; ++p) {
        loop.meet(w, row + p, row + p, height);
        for (Index q = 0; q < width; q += n) {
          tile(loop, filter, band + p * lane + q, sums + (p * pitch() + q) * all + o, all, !first_part);
        }
        if (last_part && !small) store(sums, o, valid, p, 1, to);
      }
    }
    if (last_part && small) store(sums, 0, outputs, 0, rows, to);
  }

 private:
  /// The sums of n outputs from o on and of rows from p on.
  void store(const T* sums, Index o, Index n, Index p, Index rows, const Target& to) const {
    const Index all = columns();
    const auto& stride = to.stride;
    sums += p * pitch() * all + o;
    T* y = to.y + o * stride[0] + p * stride[1];
    if (stride[2] == 1 && !to.add) {
      const bool dense = stride[1] == width && pitch() == width;
      const Index runs = dense ? 1 : rows, pixels = dense ? rows * width : width;
      for (Index i = 0; i < runs; ++i)
        pack_lines<T>({sums + i * pitch() * all, all, 1, pixels, n}, y + i * stride[1], stride[0]);
      return;
    }
    for (Index i = 0; i < rows; ++i)
      for (Index q = 0; q < width; ++q)
        for (Index k = 0; k < n; ++k) {
          T& element = y[k * stride[0] + i * stride[1] + q * stride[2]];
          const T sum = sums[(i * pitch() + q) * all + k];
          element = to.add ? element + sum : sum;
        }
  }
  using Tile = void (*)(const ChannelTaps& loop, const T* filter, const T* x, T* sums, Index row, bool add);
  template <Index V> static Tile tile_of(Index pixels) {
    if constexpr (many) {
      if (pixels == 14) return output_tile<T, 14, V>;
      if (pixels == 13) return output_tile<T, 13, V>;
      if (pixels == 12) return output_tile<T, 12, V>;
      if (pixels == 10) return output_tile<T, 10, V>;
      return pixels == 8 ? output_tile<T, 8, V> : output_tile<T, 4, V>;
    } else {
      return pixels == 6 ? output_tile<T, 6, V> : pixels == 4 ? output_tile<T, 4, V> : output_tile<T, 2, V>;
    }
  }
};

}  // namespace tenon::inline TENON_ABI::kernel
