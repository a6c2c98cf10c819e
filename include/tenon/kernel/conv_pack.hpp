// The rows of an image that a convolution reads, copied once with their zeros around. In the copy each tap reads the
// pixels of an output row side by side, so no matrix of taps and pixels (im2col) is ever made.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "tenon/kernel/gemm_block.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Which elements of a source an output is made of: output (p, q) meets tap (r, s) at source row
/// first[0] + p * stride[0] + r * step[0], likewise for columns; outside the source there are zeros.
struct ConvWindow {
  std::array<Index, 2> outputs, taps, stride, step, first;

  constexpr Index taps_size() const { return taps[0] * taps[1]; }
  /// Source rows (d = 0) or columns (d = 1) from the first to the last that n outputs in a row read.
  constexpr Index reach(std::size_t d, Index n) const { return (n - 1) * stride[d] + (taps[d] - 1) * step[d] + 1; }
};

/// Where the padded source of `rows` rows of outputs lies: for each channel, for each remainder of a row number and of a
/// column number modulo the strides, a plane of `lines` by `lane`. So tap (r, s) of channel c reads pixel (p, q) at
/// tap(c, r, s) + p * lane + q.
struct ConvPlanes {
  ConvWindow window;
  Index lines, lane;

  constexpr ConvPlanes(const ConvWindow& w, Index rows)
      : window(w),
        lines((w.reach(0, rows) + w.stride[0] - 1) / w.stride[0]),
        lane((w.reach(1, w.outputs[1]) + w.stride[1] - 1) / w.stride[1]) {}
  constexpr Index channel() const { return window.stride[0] * window.stride[1] * lines * lane; }
  constexpr Index at(Index row, Index column) const {
    const Index u = window.stride[0], v = window.stride[1];
    if (u == 1 && v == 1) return row * lane + column;  // without divisions
    return (row % u * v + column % v) * lines * lane + row / u * lane + column / v;
  }
  constexpr Index tap(Index c, Index r, Index s) const {
    return c * channel() + at(r * window.step[0], s * window.step[1]);
  }
};

/// What a tile sums over where parts of k are whole channels: `channels` of a padded source, `channel` elements apart, and
/// of each the taps first .. last of `taps`, whose pixels lie `offset` further.
struct ChannelTaps {
  Index channels, channel, taps;
  const std::int32_t* offset;
  Index first = 0, last = 0;

  /// Leaves out the rows of taps that meet no source row, of `height`, at output rows p to q: they would add zeros.
  constexpr void meet(const ConvWindow& w, Index p, Index q, Index height) {
    const Index top = w.first[0] + p * w.stride[0], bottom = w.first[0] + q * w.stride[0], step = w.step[0];
    Index begin = 0, end = w.taps[0];  // few steps, and no division
    while (begin < end && bottom + begin * step < 0) ++begin;
    while (begin < end && top + (end - 1) * step >= height) --end;
    first = begin * w.taps[1];
    last = end * w.taps[1];
  }
};

/// Output rows worked on at a time, so that what they read stays in L2 beside the filters.
struct ConvBands {
  Index rows, count;
  static constexpr Index bytes = 256 * 1024;

  static constexpr ConvBands of(const ConvWindow& w, Index channels, Index item) {
    const Index line = channels * item * ConvPlanes(w, 1).lane * w.stride[1];
    const Index most = (bytes / (line + 1) - w.reach(0, 1)) / w.stride[0] + 1, all = w.outputs[0];
    const Index count = most > 1 ? (all + most - 1) / most : all;
    return {count > 0 ? (all + count - 1) / count : 1, count};
  }
};

/// n elements, whole vectors first.
template <class T> TENON_ALWAYS_INLINE void copy_row(const T* x, Index n, T* out) {
  using B = simd::Batch<T>;
  Index j = 0;
  for (; j + B::size <= n; j += B::size) B::load(x + j).store(out + j);
  if (j == n) return;
  const auto tail = simd::Tail<T>::first(n - j);
  tail.store(out + j, tail.load(x + j));
}

/// One row of w columns, `stride` apart, into a padded one of zeros whose columns begin at `out`; those of the next
/// remainder `next` further.
template <class T>
void pad_row(const ConvWindow& window, Index lane, const T* x, Index w, Index stride, T* out, Index next) {
  const Index step = window.stride[1];
  for (Index r = 0; r < step; ++r, out += next) {
    const Index base = window.first[1] + r;  // the column of element 0
    const Index begin = base < 0 ? (step - 1 - base) / step : 0;
    const Index end = smaller(base < w ? (w - base + step - 1) / step : 0, lane);
    if (begin >= end) continue;
    if (step == 1 && stride == 1) copy_row(x + base + begin, end - begin, out + begin);
    else
      for (Index k = begin; k < end; ++k) out[k] = x[(base + k * step) * stride];
  }
}

/// Elements of the padded copy of `channels` channels, and `more` that whole vectors may read behind it.
constexpr Index padded_size(const ConvPlanes& planes, Index channels, Index more) {
  return rounded_up(channels * planes.channel() + more, 16);
}
/// The padded rows that output rows row .. row + rows read. x: (channels, height, width), any strides
template <class T>
[[gnu::noinline]] void pad_rows(const ConvPlanes& planes, const Span<const T, 3>& x, Index row, Index rows, T* out,
                                Index more) {
  const ConvWindow& w = planes.window;
  const Index top = w.first[0] + row * w.stride[0], lines = w.reach(0, rows);
  const bool whole = w.stride[0] == 1 && w.stride[1] == 1 && w.first[1] == 0 && planes.lane == x.extent[2] &&
                     x.stride[1] == planes.lane && x.stride[2] == 1 && top >= 0 &&
                     top + lines <= x.extent[1];  // rows as they lie, no zeros
  // The usual case: rows and columns that follow one another, of which all but the zeros around are copied.
  const bool side_by_side = w.stride[0] == 1 && w.stride[1] == 1 && x.stride[2] == 1;
  const Index left = w.first[1] > 0 ? w.first[1] : 0, right = smaller(x.extent[2], w.first[1] + planes.lane);
  const Index l0 = top < 0 ? -top : 0, l1 = right > left ? smaller(lines, x.extent[1] - top) : 0;
  for (Index c = 0; c < x.extent[0]; ++c, out += planes.channel()) {
    if (whole) {
      std::memcpy(out, x.data + c * x.stride[0] + top * x.stride[1],
                  static_cast<std::size_t>(lines * planes.lane) * sizeof(T));
      continue;
    }
    std::memset(static_cast<void*>(out), 0, static_cast<std::size_t>(planes.channel()) * sizeof(T));
    if (side_by_side) {
      for (Index l = l0; l < l1; ++l)
        copy_row(x.data + c * x.stride[0] + (top + l) * x.stride[1] + left, right - left,
                 out + l * planes.lane + left - w.first[1]);
      continue;
    }
    for (Index l = 0; l < lines; ++l)
      if (const Index i = top + l; i >= 0 && i < x.extent[1])
        pad_row(w, planes.lane, x.data + c * x.stride[0] + i * x.stride[1], x.extent[2], x.stride[2],
                out + planes.at(l, 0), planes.lines * planes.lane);
  }
  for (Index i = 0; i < more; ++i) out[i] = T(0);
}

}  // namespace tenon::inline TENON_ABI::kernel
