// Convolution: correlation of many images with many filters, as a matrix product whose right side is read in place from
// padded rows (implicit gemm). The gradient in the images is the same product with other taps.
#pragma once

#include "tenon/kernel/conv_blocks.hpp"
#include "tenon/kernel/conv_images.hpp"
#include "tenon/kernel/conv_outputs.hpp"
#include "tenon/kernel/conv_point.hpp"
#include "tenon/kernel/conv_rows.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// What fills the lanes: blocks of pixels counted along padded rows, the pixels of a row, outputs, images; or, of filters
/// of one tap, a plane's pixels.
enum class ConvWay { blocks, rows, outputs, images, points };

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
    if (way == ConvWay::images) return k();
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
  Index tasks() const {
    if (way == ConvWay::points) return x.extent[0] * groups;
    if (way == ConvWay::images) return (x.extent[0] + lanes - 1) / lanes * groups;
    return x.extent[0] * groups * bands().count;
  }

  /// Images that a task takes, as far as there are so many.
  Index images_together() const { return way == ConvWay::images ? lanes : 1; }

  /// Bytes for all filters, packed by pack_filters.
  Index filters_bytes() const {
    if (way == ConvWay::points) return 0;
    return rounded_up(groups * packed_outputs() * k() * static_cast<Index>(sizeof(T)), 64) +
           rounded_up(k() * static_cast<Index>(sizeof(std::int32_t)), 64);
  }
  /// Bytes of scratch, aligned to 64, that a thread needs.
  Index scratch_bytes() const {
    if (way == ConvWay::points) return rounded_up(point_tiles().scratch_bytes(), 64);
    if (way == ConvWay::images) return rounded_up(image_tiles().size() * static_cast<Index>(sizeof(T)), 64);
    return rounded_up((padded_size(planes(), part_channels(), more()) + sums_size()) * static_cast<Index>(sizeof(T)),
                      64);
  }
  /// Filters: for each group and part of k, for each panel of outputs, tap by tap. Then where each tap reads.
  void pack_filters(std::byte* filters) const;
  /// One of tasks(): some rows of one group of channels of one image, or a group of channels of some images.
  void run(Index task, const std::byte* filters, std::byte* scratch) const;

 private:
  /// The way that takes the least time, by a count of multiply-adds and copies of one row.
  ConvWay fastest() const {
    if (points_fit() && w.extent[0] > 1) return ConvWay::points;
    const Index outputs = w.extent[0], width = y.extent[3], lane = ConvPlanes(window, 1).lane;
    const Index blocks = (lane * outputs * k() * 6 / 5 + width * outputs * 8) / lanes;
    const Index rows = y.stride[3] == 1 ? row_tiles().cost(k(), w.extent[1]) : blocks;
    const Index own = k() > 0 && outputs >= lanes ? output_tiles().cost(k()) : blocks;
    const Index least = smaller(smaller(rows, blocks), own), images = x.extent[0];
    if (k() > 0 && 2 * images > lanes && image_tiles().fits() && image_tiles().cost(images) < least)
      return ConvWay::images;
    return own == least && own < blocks ? ConvWay::outputs : rows < blocks ? ConvWay::rows : ConvWay::blocks;
  }
  struct Place {
    Index image, group, row, rows;
  };
  ConvPlanes planes() const { return {window, bands().rows}; }
  static constexpr Index more() { return Tiles::most_vectors * lanes; }
  OutputTiles<T> output_tiles() const { return {w.extent[0], y.extent[3]}; }
  ImageTiles<T> image_tiles() const { return {window, w.extent[1], w.extent[0], x.extent[2], x.extent[3]}; }
  PointTiles<T> point_tiles() const { return {w.extent[0], w.extent[1], y.extent[2], y.extent[3]}; }
  bool points_fit() const {
    return is_pointwise(window, x.extent[2], x.extent[3]) && has_dense_planes(x) && has_dense_planes(y);
  }
  RowTiles<T> row_tiles() const { return {w.extent[0], y.extent[3]}; }
  Index packed_outputs() const {
    if (way == ConvWay::images) return image_tiles().columns();
    return way == ConvWay::outputs ? output_tiles().columns() : w.extent[0];
  }
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
  void pack_for_images(T* to) const;
  void run_images(Index block, Index group, const T* filters, T* scratch) const;
  void multiply_band(const Place& at, Index tap, Index n, const T* filters, const std::int32_t* taps, T* band) const;
};

template <class T> [[gnu::noinline]] void Correlation<T>::pack_filters(std::byte* filters) const {
  if (way == ConvWay::points) return;
  if (way == ConvWay::images) return pack_for_images(reinterpret_cast<T*>(filters));
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

/// For each group, for each panel of outputs, (taps, channels, outputs of the panel).
template <class T> [[gnu::noinline]] void Correlation<T>::pack_for_images(T* to) const {
  const Index outputs = w.extent[0];
  for (Index g = 0; g < groups; ++g)
    for (Index i = 0, n; i < outputs; i += n) {
      n = ImageTiles<T>::next(outputs - i);
      for (Index r = 0; r < window.taps[0]; ++r)
        for (Index s = 0; s < window.taps[1]; ++s)
          for (Index c = 0; c < w.extent[1]; ++c) {
            const T* at = w.data + g * w_group + i * w.stride[0] + c * w.stride[1] + r * w.stride[2] + s * w.stride[3];
            for (Index o = 0; o < n; ++o) *to++ = i + o < outputs ? at[o * w.stride[0]] : T(0);
          }
    }
}
/// A block of images.
template <class T>
[[gnu::noinline]] void Correlation<T>::run_images(Index number, Index group, const T* filters, T* scratch) const {
  const ImageTiles<T> tiles = image_tiles();
  const Index first = number * lanes, images = smaller(lanes, x.extent[0] - first), outputs = w.extent[0];
  T *block = scratch, *sums = scratch + tiles.block_size();
  const auto [rows, wide] = window.outputs;
  tiles.gather({images, x.stride[0]}, x, &x(first, group * w.extent[1], 0, 0), block);
  for (Index i = 0, n; i < outputs; i += n, filters += n * k()) {
    n = tiles.next(outputs - i);
    tiles.multiply(n, filters, block, sums);
    for (Index o = 0; o < smaller(n, outputs - i); ++o) {
      const Index to = group * outputs + i + o;
      tiles.scatter({images, y.stride[0]}, sums + o * tiles.plane(), &y(first, to, 0, 0), y.stride[2], y.stride[3],
                    add);
      for (Index j = 0; j < images; ++j) done(((first + j) * y.extent[1] + to) * rows, 0, rows, wide);
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
  const Index outputs = w.extent[0], packed = packed_outputs(), whole = k(), part = depth();
  if (way == ConvWay::points) {
    const Index image = task / groups, group = task % groups, first = group * outputs;
    if (outputs > 0)
      point_tiles().run({w.data + group * w_group, {outputs, whole}, {w.stride[0], w.stride[1]}},
                        whole > 0 ? &x(image, group * whole, 0, 0) : nullptr, x.stride[1], &y(image, first, 0, 0),
                        y.stride[1], add, scratch, (image * y.extent[1] + first) * y.extent[2], done);
    return;
  }
  if (way == ConvWay::images)
    return run_images(task / groups, task % groups,
                      reinterpret_cast<const T*>(filters) + task % groups * packed * whole,
                      reinterpret_cast<T*>(scratch));
  const ConvBands cut = bands();
  const Index n = task / cut.count;
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
