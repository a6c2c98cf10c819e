// Convolution with lanes over images: for small images of which there are many. No lane is left empty by the width of a
// row, and only the zeros that a pair of rows does not share are multiplied.
#pragma once

#include "tenon/kernel/conv_pack.hpp"
#include "tenon/kernel/transpose.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// What a tile sums over: `rows` rows of taps, in each `runs` runs of `n` vectors of x. Steps in elements.
struct ImageTaps {
  Index rows, x_row, filter_row, runs, x_run, filter_run, n;
};

/// sums(R outputs `plane` apart, V pixels `row` apart) = filter (rows, runs, n, R) times x, whose pixels lie `below` apart.
template <class T, Index R, Index V>
[[gnu::noinline]] void image_tile(const ImageTaps& taps, const T* filter, const T* x, Index below, T* sums, Index plane,
                                  Index row) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  B sum[R][V];
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V] = B(T(0)); });
  for (Index r = taps.rows; r > 0; --r, x += taps.x_row, filter += taps.filter_row) {
    const T *x_run = x, *f_run = filter;
    for (Index s = taps.runs; s > 0; --s, x_run += taps.x_run, f_run += taps.filter_run) {
      const T *at = x_run, *f = f_run;
      for (Index i = taps.n; i > 0; --i, at += W, f += R) {
        B pixel[V];
        unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { pixel[v] = B::load(at + v * below); });
        unrolled<R>([&](Index o) TENON_INLINE_LAMBDA {
          const B w(f[o]);
          unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { sum[o][v] = fma(w, pixel[v], sum[o][v]); });
        });
      }
    }
  }
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V].store(sums + e / V * plane + e % V * row); });
}

/// Elements of up to `lanes` images, `image` apart, to and from vectors with an image a lane.
template <class T> struct ImageLanes {
  static constexpr Index lanes = simd::Batch<T>::size, size = Square<T>::size;
  Index images, image;

  /// to[i * step + j] = element i of image j, for n elements; 0 behind the last image.
  TENON_ALWAYS_INLINE void gather(const T* x, Index n, T* to, Index step) const {
    for (Index j = 0; j < lanes; j += size, x += size * image, to += size) {
      if (n == size && j + size <= images) {
        Square<T>::turn(x, image, to, step);
        continue;
      }
      for (Index i = 0; i < n; ++i)
        for (Index k = 0; k < size; ++k) to[i * step + k] = j + k < images ? x[k * image + i] : T(0);
    }
  }
  /// Element i * step of image j of y = or += from[i * lanes + j], for n elements.
  TENON_ALWAYS_INLINE void scatter(const T* from, Index n, T* y, Index step, bool add) const {
    for (Index j = 0; j < images; j += size, y += size * image, from += size) {
      if (n == size && step == 1 && !add && j + size <= images) {
        Square<T>::turn(from, lanes, y, image);
        continue;
      }
      for (Index k = 0; k < smaller(size, images - j); ++k)
        for (Index i = 0; i < n; ++i) {
          T& to = y[k * image + i * step];
          to = add ? to + from[i * lanes + k] : from[i * lanes + k];
        }
    }
  }
};

/// How images of `channels` x `height` x `width` and `outputs` filters are cut into tiles of one pixel, or of two of which
/// one lies below the other.
template <class T> struct ImageTiles {
  using B = simd::Batch<T>;
  static constexpr Index lanes = B::size, item = static_cast<Index>(sizeof(T));
  static constexpr bool many = TileShape<T>::many_registers;
  /// Of a block of images in lanes: with their sums they stay in an L2 of a megabyte.
  static constexpr Index most_bytes = 512 * 1024;
  ConvWindow window;
  Index channels, outputs, height, width;

  /// Filters of the next tile when `left` remain; behind the last ones stand zeros.
  static constexpr Index next(Index left) {
    if constexpr (many) return left > 12 ? 8 : left > 8 ? 6 : left > 6 ? 8 : left > 4 ? 6 : 4;
    else return left > 8 ? 6 : left > 6 ? 4 : left > 4 ? 6 : 4;
  }
  Index columns() const {
    Index n = 0;
    while (n < outputs) n += next(outputs - n);
    return n;
  }
  /// Rows of zeros above the image that the second pixel of a tile may read, and below it, the first.
  Index above() const { return smaller(window.stride[0], window.first[0] < 0 ? -window.first[0] : 0); }
  Index under() const {
    const Index last = window.first[0] + window.reach(0, window.outputs[0]);
    return smaller(window.stride[0], last > height ? last - height : 0);
  }
  Index pixel() const { return channels * lanes; }
  Index block_size() const { return (above() + height + under()) * width * pixel(); }
  Index plane() const { return window.outputs[0] * window.outputs[1] * lanes; }
  /// Elements of scratch.
  Index size() const { return block_size() + next(outputs) * plane(); }
  bool fits() const { return block_size() * item <= most_bytes; }

  /// Outputs along dimension d that tap t meets inside of the image: first, and behind the last.
  std::array<Index, 2> met(std::size_t d, Index t) const {
    const Index first = window.first[d] + t * window.step[d], step = window.stride[d], all = d == 0 ? height : width;
    const Index begin = first < 0 ? (step - 1 - first) / step : 0;
    const Index end = first < all ? smaller((all - first + step - 1) / step, window.outputs[d]) : 0;
    return {begin, end > begin ? end : begin};
  }
  /// Time for a row of one of `images`, in multiply-adds of vectors.
  Index cost(Index images) const {
    Index rows = 0, columns_met = 0;
    for (Index r = 0; r < window.taps[0]; ++r) {
      const auto [begin, end] = met(0, r);
      rows += end > begin ? (end + 1) / 2 * 2 - begin / 2 * 2 : 0;
    }
    for (Index s = 0; s < window.taps[1]; ++s) columns_met += met(1, s)[1] - met(1, s)[0];
    const Index blocks = (images + lanes - 1) / lanes, sums = rows * columns_met * channels * columns();
    const Index copied = channels * height * width + outputs * window.outputs[0] * window.outputs[1];
    return (sums * 11 / 10 * blocks / images + copied * 3 / 4) / window.outputs[0];
  }

  /// The images of a block, as (rows, columns, channels) of vectors. x: their first element
  void gather(const ImageLanes<T>& to_lanes, const Span<const T, 4>& x, const T* first, T* block) const {
    const Index whole = height * width, row = width * pixel(), zeros = above() * row, last = under() * row;
    for (Index i = 0; i < zeros; ++i) block[i] = T(0);
    block += zeros;
    for (Index i = 0; i < last; ++i) block[height * row + i] = T(0);
    const bool dense = x.stride[3] == 1 && x.stride[2] == width;
    for (Index i = 0, n; i < whole; i += n) {
      n = dense && i + Square<T>::size <= whole ? Square<T>::size : 1;
      const T* from = first + (dense ? i : i / width * x.stride[2] + i % width * x.stride[3]);
      for (Index c = 0; c < channels; ++c)
        to_lanes.gather(from + c * x.stride[1], n, block + i * pixel() + c * lanes, pixel());
    }
  }
  /// A plane of sums to where it belongs.
  void scatter(const ImageLanes<T>& to_images, const T* sums, T* y, Index row, Index step, bool add) const {
    const Index wide = window.outputs[1], whole = window.outputs[0] * wide;
    const bool dense = step == 1 && row == wide;
    for (Index i = 0, n; i < whole; i += n) {
      n = dense && i + Square<T>::size <= whole ? Square<T>::size : 1;
      to_images.scatter(sums + i * lanes, n, y + (dense ? i : i / wide * row + i % wide * step), step, add);
    }
  }
  /// sums (next(left), pixels) of a block for a panel of filters (taps, channels, n).
  void multiply(Index n, const T* filter, const T* block, T* sums) const {
    const Index rows = window.outputs[0];
    for (Index p = 0; p < rows; p += 2) {
      const bool pair = p + 1 < rows;
      ChannelTaps taps{channels, 0, window.taps_size(), nullptr};
      taps.meet(window, p, pair ? p + 1 : p, height);
      multiply_rows(n, pair, p, taps.first / window.taps[1], taps.last / window.taps[1], filter, block, sums);
    }
  }

 private:
  using Tile = void (*)(const ImageTaps& taps, const T* filter, const T* x, Index below, T* sums, Index plane,
                        Index row);
  template <Index V> static Tile tile_of(Index n) {
    if constexpr (many)
      if (n == 8) return image_tile<T, 8, V>;
    return n == 6 ? image_tile<T, 6, V> : image_tile<T, 4, V>;
  }
  /// Output row p, and the one below it, by rows r0 .. r1 of taps.
  void multiply_rows(Index n, bool pair, Index p, Index r0, Index r1, const T* filter, const T* block, T* sums) const {
    const Tile tile = pair ? tile_of<2>(n) : tile_of<1>(n);
    const Index wide = window.outputs[1], row = width * pixel(), step = window.step[1], stride = window.stride[1];
    const T* x =
        r1 > r0 ? block + (above() + window.first[0] + p * window.stride[0] + r0 * window.step[0]) * row : block;
    ImageTaps taps{r1 - r0, window.step[0] * row, window.taps[1] * channels * n, 0, step * pixel(), channels * n, 0};
    for (Index q = 0, s0 = 0, s1 = 0; q < wide; ++q) {
      const Index left = window.first[1] + q * stride;
      for (s0 = 0; s0 < window.taps[1] && left + s0 * step < 0;) ++s0;
      for (s1 = window.taps[1]; s1 > s0 && left + (s1 - 1) * step >= width;) --s1;
      taps.runs = step == 1 ? 1 : s1 - s0;
      taps.n = step == 1 ? (s1 - s0) * channels : channels;
      const T* from = s1 > s0 ? x + (left + s0 * step) * pixel() : block;
      tile(taps, filter + (r0 * window.taps[1] + s0) * channels * n, from, window.stride[0] * row,
           sums + (p * wide + q) * lanes, plane(), wide * lanes);
    }
  }
};

}  // namespace tenon::inline TENON_ABI::kernel
