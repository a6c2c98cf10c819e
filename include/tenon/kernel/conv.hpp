// Convolution: correlation of many images with many filters, as a matrix product whose right side is read in place from
// padded rows (implicit gemm). The gradient in the images is the same product with other taps.
#pragma once

#include "tenon/kernel/conv_outputs.hpp"
#include "tenon/kernel/conv_rows.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// sums (R rows `row` apart, V vectors) of k taps: filter (k, R) times what each tap reads of the pixels from x on. Each
/// sum is one chain of multiply-adds over k from zero, in order.
template <class T, Index R, Index V>
[[gnu::noinline]] void conv_tile(Index k, const T* filter, const std::int32_t* tap, const T* x, T* sums, Index row,
                                 const T* y, Index y_row) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  B sum[R][V];
  unrolled<R * V>([&](auto e) __attribute__((always_inline)) { sum[e / V][e % V] = B(T(0)); });
  unrolled<R * V>([&](auto e) __attribute__((always_inline)) { __builtin_prefetch(y + e / V * y_row + e % V * W, 1); });
  for (const std::int32_t* end = tap + k; tap != end; ++tap, filter += R) {
    const T* from = x + *tap;
    B pixels[V];
    unrolled<V>([&](auto v) __attribute__((always_inline)) { pixels[v] = B::load(from + v * W); });
    unrolled<R>([&](auto i) __attribute__((always_inline)) {
      const B f(filter[i]);
      unrolled<V>([&](auto v) __attribute__((always_inline)) { sum[i][v] = fma(f, pixels[v], sum[i][v]); });
    });
  }
  unrolled<R * V>([&](auto e)
                      __attribute__((always_inline)) { sum[e / V][e % V].store(sums + e / V * row + e % V * W); });
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

/// What fills the lanes: blocks of pixels counted along padded rows, the pixels of a row, or outputs.
enum class ConvWay { blocks, rows, outputs };

/// y(n, g * outputs + o, p, q) = or += sum over c, r, s of w(g; o, c, r, s) x(n, g * channels + c, ...), where x is read
/// as `window` says.
/// Shapes:   x (n, groups * channels, h, w); w (outputs, channels, taps) of the first group, those of the next `w_group`
///           elements further; y (n, groups * outputs, window.outputs); any strides
/// Pre:      y overlaps neither x nor w, its elements are distinct
/// Accuracy: |error| <= k eps |w||x|, k = channels * taps. An element's bits depend on its filter, the pixels it reads
///           and the shapes, which choose the way: tasks may run in any order on any thread
/// Cost:     2 n outputs k operations an output pixel; x is copied once, y is written once for each 1536 of k
template <class T> struct Correlation {
  Span<const T, 4> x, w;
  Index w_group;
  Span<T, 4> y;
  Index groups;
  ConvWindow window;
  bool add;
  /// Told of rows of y, read as a matrix of y.extent[3] columns, when they are final: done(row, 0, rows, columns).
  BlockDone done{};
  ConvWay way = fastest();  ///< asked for often, found by divisions

  using Tiles = ConvTiles<T>;
  static constexpr Index lanes = simd::Batch<T>::size;
  /// Taps at a time: a panel of filters (72 KiB of float with 512-bit lanes) stays in L2.
  static constexpr Index most_depth = 1536;

  Index k() const { return w.extent[1] * window.taps_size(); }
  Index depth() const {
    const Index most = way == ConvWay::outputs ? OutputTiles<T>::depth : most_depth, parts = (k() + most - 1) / most;
    if (parts == 0) return 0;
    if (way == ConvWay::blocks) return (k() + parts - 1) / parts;
    return (w.extent[1] + parts - 1) / parts * window.taps_size();  // whole channels
  }
  /// Channels that one part of k may touch.
  Index part_channels() const {
    return k() == 0 ? 0 : smaller((depth() + window.taps_size() - 2) / window.taps_size() + 1, w.extent[1]);
  }
  ConvBands bands() const { return ConvBands::of(window, part_channels(), sizeof(T)); }
  Index tasks() const { return x.extent[0] * groups * bands().count; }

  /// Bytes for all filters, packed by pack_filters.
  Index filters_bytes() const {
    return rounded_up(groups * packed_outputs() * k() * static_cast<Index>(sizeof(T)), 64) +
           rounded_up(k() * static_cast<Index>(sizeof(std::int32_t)), 64);
  }
  /// Bytes of scratch, aligned to 64, that a thread needs.
  Index scratch_bytes() const {
    return rounded_up((padded_size(planes(), part_channels(), more()) + sums_size()) * static_cast<Index>(sizeof(T)),
                      64);
  }
  /// Filters: for each group and part of k, for each panel of outputs, tap by tap. Then where each tap reads.
  void pack_filters(std::byte* filters) const;
  /// One of tasks(): some rows of one group of channels of one image.
  void run(Index task, const std::byte* filters, std::byte* scratch) const;

 private:
  /// The way that takes the least time, by a count of multiply-adds and copies of one row.
  ConvWay fastest() const {
    const Index outputs = w.extent[0], width = y.extent[3], lane = ConvPlanes(window, 1).lane;
    const Index blocks = (lane * outputs * k() * 6 / 5 + width * outputs * 8) / lanes;
    const Index rows = y.stride[3] == 1 ? row_tiles().cost(k(), w.extent[1]) : blocks;
    if (k() > 0 && outputs >= lanes && output_tiles().cost(k()) < smaller(rows, blocks)) return ConvWay::outputs;
    return rows < blocks ? ConvWay::rows : ConvWay::blocks;
  }
  struct Place {
    Index image, group, row, rows;
  };
  ConvPlanes planes() const { return {window, bands().rows}; }
  static constexpr Index more() { return Tiles::most_vectors * lanes; }
  OutputTiles<T> output_tiles() const { return {w.extent[0], y.extent[3]}; }
  RowTiles<T> row_tiles() const { return {w.extent[0], y.extent[3]}; }
  Index packed_outputs() const { return way == ConvWay::outputs ? output_tiles().columns() : w.extent[0]; }
  /// Filters of the next panel when `left` remain.
  Index next_outputs(Index left) const {
    if (way == ConvWay::outputs) return OutputTiles<T>::next(left);
    return way == ConvWay::rows ? RowTiles<T>::next(left) : Tiles::next(left);
  }
  Index sums_size() const {
    if (way == ConvWay::outputs) return bands().rows * output_tiles().pitch() * output_tiles().columns();
    return way == ConvWay::rows ? 0 : TileShape<T>::rows * ConvRuns<T>::block;
  }
  const std::int32_t* taps(const std::byte* filters) const {
    return reinterpret_cast<const std::int32_t*>(filters + filters_bytes()) -
           rounded_up(k() * static_cast<Index>(sizeof(std::int32_t)), 64) / static_cast<Index>(sizeof(std::int32_t));
  }
  void multiply_band(const Place& at, Index tap, Index n, const T* filters, const std::int32_t* taps, T* band) const;
};

template <class T> [[gnu::noinline]] void Correlation<T>::pack_filters(std::byte* filters) const {
  const Index outputs = w.extent[0], whole = k(), part = depth(), wide = window.taps[1], size = window.taps_size();
  auto* offset = const_cast<std::int32_t*>(taps(filters));
  const ConvPlanes p = planes();
  for (Index tap = 0; tap < whole; ++tap) {
    const Index from = tap / part * part / size;
    offset[tap] = static_cast<std::int32_t>(p.tap(tap / size - from, tap % size / wide, tap % wide));
  }
  T* to = reinterpret_cast<T*>(filters);
  for (Index g = 0; g < groups; ++g)
    for (Index from = 0; from < whole; from += part)
      for (Index i = 0, n; i < outputs; i += n) {
        n = next_outputs(outputs - i);
        Index c = from / size, r = from % size / wide, s = from % wide;
        for (Index tap = from; tap < smaller(from + part, whole); ++tap) {
          const T* at = w.data + g * w_group + i * w.stride[0] + c * w.stride[1] + r * w.stride[2] + s * w.stride[3];
          for (Index o = 0; o < n; ++o) *to++ = i + o < outputs ? at[o * w.stride[0]] : T(0);
          if (++s < wide) continue;
          s = 0;
          if (++r < window.taps[0]) continue;
          r = 0;
          ++c;
        }
      }
}

/// n taps from `tap` on, for all outputs of a group and the pixels of a band.
template <class T>
[[gnu::noinline]] void Correlation<T>::multiply_band(const Place& at, Index tap, Index n, const T* filters,
                                                     const std::int32_t* offsets, T* band) const {
  const Index channel = tap / window.taps_size(), channels = (tap + n - 1) / window.taps_size() - channel + 1;
  const Index outputs = w.extent[0], width = y.extent[3], vectors = Tiles::vectors(outputs);
  const ConvPlanes in = planes();
  pad_rows<T>(in,
              {&x(at.image, at.group * w.extent[1] + channel, 0, 0),
               {channels, x.extent[2], x.extent[3]},
               {x.stride[1], x.stride[2], x.stride[3]}},
              at.row, at.rows, band, more());
  T* sums = band + padded_size(in, part_channels(), more());
  const ChannelTaps loop{channels, in.channel(), window.taps_size(), offsets};
  T* first = outputs > 0 ? &y(at.image, at.group * outputs, at.row, 0) : nullptr;
  if (way == ConvWay::outputs)
    return output_tiles().run(loop, window, at.row, at.rows, x.extent[2], in.lane, filters, band, sums, tap == 0,
                              tap + n == k(), {first, {y.stride[1], y.stride[2], y.stride[3]}, add});
  if (way == ConvWay::rows)
    return row_tiles().run(loop, window, at.row, at.rows, x.extent[2], in.lane, filters, band, first, y.stride[1],
                           y.stride[2], add || tap > 0);
  const bool side_by_side = y.stride[3] == 1 && y.stride[2] == width, add_to = add || tap > 0;
  ConvRuns<T> runs;
  const Index all = (at.rows - 1) * in.lane + width;
  for (Index pixel = 0; pixel < all; pixel += runs.block) {
    const Index pixels = smaller(runs.block, all - pixel);
    runs.cut(pixel, pixels, width, in.lane);
    if (runs.count == 0) continue;  // nothing but the gap between two rows
    const T* filter = filters;
    for (Index o = 0, rows; o < outputs; o += rows, filter += rows * n) {
      rows = Tiles::next(outputs - o);
      T* to = &y(at.image, at.group * outputs + o, at.row, 0);
      Tiles::tile(rows, vectors)(pixels, n, filter, offsets, band + pixel, sums, runs.block, to + runs.pixel[0],
                                 y.stride[1]);
      for (Index i = 0; i < rows; ++i, to += y.stride[1]) {
        if (side_by_side) runs.store(sums + i * runs.block, to, add_to);
        else runs.scatter(sums + i * runs.block, {to, {at.rows, width}, {y.stride[2], y.stride[3]}}, add_to);
      }
    }
  }
}

template <class T> void Correlation<T>::run(Index task, const std::byte* filters, std::byte* scratch) const {
  const ConvBands cut = bands();
  const Index outputs = w.extent[0], packed = packed_outputs(), whole = k(), part = depth(), n = task / cut.count;
  Place at{n / groups, n % groups, task % cut.count * cut.rows, 0};
  at.rows = smaller(cut.rows, y.extent[2] - at.row);
  if (at.rows <= 0) return;
  const T* filter = reinterpret_cast<const T*>(filters) + at.group * packed * whole;
  T* band = reinterpret_cast<T*>(scratch);
  for (Index tap = 0; tap < whole; tap += part)
    multiply_band(at, tap, smaller(part, whole - tap), filter + tap * packed, taps(filters) + tap, band);
  for (Index o = at.group * outputs; o < (at.group + 1) * outputs; ++o) {
    for (Index p = 0; p < at.rows && whole == 0 && !add; ++p)
      for (Index q = 0; q < y.extent[3]; ++q) y(at.image, o, at.row + p, q) = T(0);
    done((at.image * y.extent[1] + o) * y.extent[2] + at.row, 0, at.rows, y.extent[3]);
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
