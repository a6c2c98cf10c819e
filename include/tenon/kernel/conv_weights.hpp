// The gradient of a convolution in its filters: a matrix product along all pixels of all images.
#pragma once

#include "tenon/kernel/conv_few.hpp"
#include "tenon/kernel/conv_point.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// sums(g * Q + s, V vectors) = or += the sum over pixels of x(tap[g] + s) dy. G x Q taps: runs of Q columns side by
/// side; of the last ones only `valid` runs are written.
template <class T, Index G, Index Q, Index V>
[[gnu::noinline]] void filter_tile(const PixelRows& pixels, const T* const* tap, Index valid, const T* dy, Index dy_row,
                                   T* const* sums, Index sums_row, bool add) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size, R = G * Q;
  B sum[R][V];
  const T* x[G];
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V] = B(T(0)); });
  unrolled<G>([&](Index g) TENON_INLINE_LAMBDA { x[g] = tap[g]; });
  for (Index p = pixels.rows; p > 0; --p) {
    for (Index q = pixels.width; q > 0; --q, dy += dy_row) {
      B d[V];
      // Empty: else g++ keeps the elements of one pixel for the next, and their broadcasts take a multiplier's port.
      unrolled<G>([&](Index g) TENON_INLINE_LAMBDA {
        const T* here = x[g];
        asm("" : "+r"(here));
        x[g] = here;
      });
      unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { d[v] = B::load(dy + v * W); });
      unrolled<R>([&](Index i) TENON_INLINE_LAMBDA {
        const B y(x[i / Q][i % Q]);
        unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { sum[i][v] = fma(y, d[v], sum[i][v]); });
      });
      unrolled<G>([&](Index g) TENON_INLINE_LAMBDA { ++x[g]; });
    }
    unrolled<G>([&](Index g) TENON_INLINE_LAMBDA { x[g] += pixels.lane - pixels.width; });
  }
  unrolled<R>([&](Index i) TENON_INLINE_LAMBDA {
    if (i / Q >= valid) return;
    unrolled<V>([&](Index v) TENON_INLINE_LAMBDA {
      T* to = sums[i / Q] + i % Q * sums_row + v * W;
      (add ? B::load(to) + sum[i][v] : sum[i][v]).store(to);
    });
  });
}

/// Where planes come from that lie in no memory: call(self, image, first plane, planes, to) writes them row-major.
template <class T> struct PlaneSource {
  void* self = nullptr;
  void (*call)(void* self, Index image, Index first, Index planes, T* to) = nullptr;
};

/// dw(g * outputs + o, c, r, s) = or += sum over n, p, q of dy(n, g * outputs + o, p, q) x(n, g * channels + c, ...),
/// where x is read as `window` says.
/// Shapes:   x (n, groups * channels, h, w), dy (n, groups * outputs, window.outputs), dw (groups * outputs, channels,
///           taps); any strides, except that the rows of a plane of dy follow one another: stride[2] = w * stride[3]
/// Method:   images are cut into blocks, by number alone; the sum over a block stands transposed, (k, outputs), in
///           memory of its own; merge() adds the blocks in order. So bits do not depend on threads
/// Cost:     2 n outputs k operations an output pixel; x and dy are copied once
template <class T> struct FilterGradient {
  Span<const T, 4> x, dy;
  Span<T, 4> dw;
  Index groups;
  ConvWindow window;
  Write mode;
  /// When it is given, dy holds extents and the strides of row-major planes only.
  PlaneSource<T> source{};

  static constexpr Index lanes = simd::Batch<T>::size;
  static constexpr bool many = TileShape<T>::many_registers;
  /// Pixels summed at a time: a panel of dy (24 KiB of float with 512-bit lanes) stays in L1.
  static constexpr Index most_pixels = 192;

  Index outputs() const { return dw.extent[0] / groups; }
  Index k() const { return dw.extent[1] * window.taps_size(); }
  /// Few filters are summed along vectors of pixels, others along vectors of outputs.
  bool few() const { return dy.stride[3] == 1 && pixel_sums().pays(dy.extent[3]); }
  /// Filters of one tap are a product of what lies in memory.
  bool points() const { return is_pointwise(window, x.extent[2], x.extent[3]) && has_dense_planes(x); }
  ConvBands bands() const { return ConvBands::of(window, dw.extent[1], sizeof(T)); }
  /// Blocks of images: 16, or fewer where their sums would take more than 4 MiB.
  Index blocks() const {
    const Index n = x.extent[0],
                most = smaller(16, (Index{4} << 20) / (sum_size() * static_cast<Index>(sizeof(T)) + 1) + 1);
    const Index images = (n + most - 1) / most;
    return images > 0 ? (n + images - 1) / images : 0;
  }
  Index tasks() const { return groups * blocks(); }
  /// Bytes for the sums of all tasks; contents free.
  Index sums_bytes() const { return tasks() * sum_size() * static_cast<Index>(sizeof(T)); }
  /// Bytes of scratch, aligned to 64, that a thread needs.
  Index scratch_bytes() const {
    if (points())
      return rounded_up(gemm_scratch_bytes<T>(dw.extent[1], outputs(), dy.extent[2] * dy.extent[3]), 64) +
             source_bytes();
    const Index own = few() ? pixel_sums().size() : longest() * sums_row() + lanes;
    return rounded_up((padded_size(planes(), dw.extent[1], 16) + own) * static_cast<Index>(sizeof(T)), 64) +
           offset_bytes() + source_bytes();
  }
  /// One of tasks(): a block of images for one group of channels.
  void run(Index task, std::byte* sums, std::byte* scratch) const;
  /// dw from the sums of all tasks, which it overwrites. Pre: there is a task
  void merge(std::byte* sums) const;

 private:
  PixelSums<T> pixel_sums() const { return {outputs(), k()}; }
  Index offset_bytes() const { return rounded_up(k() * static_cast<Index>(sizeof(std::int32_t)), 64); }
  void run_points(Index group, Index first, Index last, T* sum, std::byte* scratch) const;
  Index source_bytes() const {
    const Index size = source.call ? outputs() * dy.extent[2] * dy.extent[3] : 0;
    return rounded_up(size * static_cast<Index>(sizeof(T)), 64);
  }
  Index sums_row() const { return rounded_up(outputs(), lanes); }
  Index sum_size() const { return rounded_up(sums_row() * k(), 16); }
  /// Pixels of a panel of dy: whole rows, or a part of one.
  Index longest() const { return smaller(most_pixels, bands().rows * dy.extent[3]); }
  ConvPlanes planes() const { return {window, bands().rows}; }
  void add_pixels(const T* first_dy, const PixelRows& pixels, const std::int32_t* offset, const T* x, T* sum, bool add,
                  T* panel) const;
  template <Index G, Index Q>
  void add_taps(const PixelRows& pixels, const std::int32_t* offset, const T* x, T* sum, bool add, const T* panel,
                Index columns) const;
};

/// All taps, G runs of Q at a time, for the `columns` outputs of a panel. Tap i reads offset[i] further.
template <class T>
template <Index G, Index Q>
[[gnu::noinline]] void FilterGradient<T>::add_taps(const PixelRows& pixels, const std::int32_t* offset, const T* first,
                                                   T* sum, bool add, const T* panel, Index columns) const {
  const Index runs = k() / Q, width = sums_row();
  for (Index i = 0; i < runs; i += G) {
    const T* tap[G];
    T* to[G];
    for (Index g = 0; g < G; ++g) {
      const Index n = i + g < runs ? i + g : i;  // behind the last one: another's, not written
      tap[g] = first + offset[n * Q];
      to[g] = sum + n * Q * width;
    }
    const Index valid = smaller(G, runs - i);
    if (columns <= lanes) filter_tile<T, G, Q, 1>(pixels, tap, valid, panel, lanes, to, width, add);
    else filter_tile<T, G, Q, 2>(pixels, tap, valid, panel, 2 * lanes, to, width, add);
  }
}

/// The pixels from first_dy and x on into `sum`.
template <class T>
[[gnu::noinline]] void FilterGradient<T>::add_pixels(const T* first_dy, const PixelRows& pixels,
                                                     const std::int32_t* offset, const T* first, T* sum, bool add,
                                                     T* panel) const {
  const Index all = outputs(), n = pixels.rows * pixels.width;
  const bool adjacent = window.step[1] == 1 && window.stride[1] == 1;
  for (Index o = 0; o < all; o += 2 * lanes) {
    const Index columns = smaller(2 * lanes, all - o), row = columns <= lanes ? lanes : 2 * lanes;
    pack<T>({first_dy + o * dy.stride[1], dy.stride[1], dy.stride[3], columns, n}, 1, panel, row, 0);
    if (adjacent && window.taps[1] == 3) add_taps<many ? 3 : 2, 3>(pixels, offset, first, sum + o, add, panel, columns);
    else if (adjacent && window.taps[1] == 5)
      add_taps<many ? 2 : 1, 5>(pixels, offset, first, sum + o, add, panel, columns);
    else add_taps<4, 1>(pixels, offset, first, sum + o, add, panel, columns);
  }
}

/// The images first to last of a group into `sum`.
template <class T>
[[gnu::noinline]] void FilterGradient<T>::run_points(Index group, Index first, Index last, T* sum,
                                                     std::byte* scratch) const {
  const Index channels = dw.extent[1], pixels = dy.extent[2] * dy.extent[3], all = outputs(), row = sums_row();
  auto* own_planes = reinterpret_cast<T*>(scratch + scratch_bytes() - source_bytes());
  for (Index i = 0; i < sum_size(); ++i) sum[i] = T(0);
  for (Index image = first; image < last; ++image) {
    if (source.call) source.call(source.self, image, group * all, all, own_planes);
    const T* first_dy = source.call ? own_planes : &dy(image, group * all, 0, 0);
    gemm<T>({&x(image, group * channels, 0, 0), {channels, pixels}, {x.stride[1], 1}},
            {first_dy, {pixels, all}, {dy.stride[3], dy.stride[1]}}, Matrix<T>{sum, {channels, all}, {row, 1}},
            Write::add, scratch);
  }
}

template <class T> void FilterGradient<T>::run(Index task, std::byte* sums, std::byte* scratch) const {
  const Index group = task % groups, block = task / groups, n = x.extent[0], channels = dw.extent[1];
  const Index width = dy.extent[3], images = (n + blocks() - 1) / blocks(), wide = smaller(width, most_pixels);
  const Index high = most_pixels / wide;
  const ConvBands cut = bands();
  const ConvPlanes in = planes();
  T* sum = reinterpret_cast<T*>(sums) + task * sum_size();
  if (points()) return run_points(group, block * images, smaller((block + 1) * images, n), sum, scratch);
  T* band = reinterpret_cast<T*>(scratch);
  T* panel = band + padded_size(in, channels, 16);
  auto* own_planes = reinterpret_cast<T*>(scratch + scratch_bytes() - source_bytes());
  auto* offset = reinterpret_cast<std::int32_t*>(scratch + scratch_bytes() - source_bytes() - offset_bytes());
  for (Index tap = 0, c = 0; c < channels; ++c)
    for (Index r = 0; r < window.taps[0]; ++r)
      for (Index s = 0; s < window.taps[1]; ++s) offset[tap++] = static_cast<std::int32_t>(in.tap(c, r, s));
  const bool along_pixels = few();
  const PixelSums<T> own = pixel_sums();
  for (Index i = 0; along_pixels && i < own.size(); i += lanes) simd::Batch<T>(T(0)).store(panel + i);
  bool add = false;
  for (Index image = block * images; image < smaller((block + 1) * images, n); ++image) {
    if (source.call) source.call(source.self, image, group * outputs(), outputs(), own_planes);
    const T* first_dy = source.call ? own_planes : &dy(image, group * outputs(), 0, 0);
    for (Index row = 0; row < dy.extent[2]; row += cut.rows) {
      const Index rows = smaller(cut.rows, dy.extent[2] - row);
      pad_rows<T>(in,
                  {&x(image, group * channels, 0, 0),
                   {channels, x.extent[2], x.extent[3]},
                   {x.stride[1], x.stride[2], x.stride[3]}},
                  row, rows, band, 16);
      if (along_pixels) {
        own.add({rows, width, in.lane}, offset, first_dy + row * dy.stride[2], dy.stride[1], band, panel);
        continue;
      }
      for (Index p = 0; p < rows; p += high)
        for (Index q = 0; q < width; q += wide, add = true)
          add_pixels(first_dy + (row + p) * dy.stride[2] + q * dy.stride[3],
                     {smaller(high, rows - p), smaller(wide, width - q), in.lane}, offset, band + p * in.lane + q, sum,
                     add, panel);
    }
  }
  if (along_pixels) own.reduce(panel, sum, sums_row());
}

template <class T> void FilterGradient<T>::merge(std::byte* sums) const {
  const Index all = outputs(), taps = window.taps_size(), size = sum_size(), width = sums_row(), n = blocks();
  const Index filter = k();
  const bool dense =
      mode == Write::store && dw.stride[3] == 1 && dw.stride[2] == window.taps[1] && dw.stride[1] == taps;
  for (Index g = 0; g < groups; ++g) {
    T* total = reinterpret_cast<T*>(sums) + g * size;
    for (Index b = 1; b < n; ++b) {
      const T* more = total + b * groups * size;
      for (Index i = 0; i < filter * width; i += lanes)
        (simd::Batch<T>::load(total + i) + simd::Batch<T>::load(more + i)).store(total + i);
    }
    T* to = &dw(g * all, 0, 0, 0);
    if (dense) {
      pack_lines<T>({total, width, 1, filter, all}, to, dw.stride[0]);
      continue;
    }
    for (Index o = 0; o < all; ++o)
      for (Index tap = 0; tap < filter; ++tap) {
        T& at = dw(g * all + o, tap / taps, tap % taps / window.taps[1], tap % window.taps[1]);
        at = mode == Write::add ? at + total[tap * width + o] : total[tap * width + o];
      }
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
