// The gradient of a few filters: sums along vectors of pixels, which need no transposed copy of what came back.
#pragma once

#include "tenon/kernel/conv_pack.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Rows of pixels along which a tile sums: `rows` of `width`, `lane` apart in x and side by side in dy.
struct PixelRows {
  Index rows, width, lane;
};

/// Lane sums, a vector for each output and tap: sums(o, g) += dy(o, pixels) x(tap[g] + pixels). O outputs, `dy_plane`
/// elements and `sums_row` vectors apart, and G taps, whose sums follow one another.
template <class T, Index G, Index O>
[[gnu::noinline]] void pixel_tile(const PixelRows& pixels, const T* const* tap, const T* dy, Index dy_plane, T* sums,
                                  Index sums_row) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  const auto tail = simd::Tail<T>::first(pixels.width % W > 0 ? pixels.width % W : 1);
  B sum[O][G];
  const T* x[G];
  unrolled<O * G>([&](Index e)
                      TENON_INLINE_LAMBDA { sum[e / G][e % G] = B::load(sums + (e / G * sums_row + e % G) * W); });
  unrolled<G>([&](Index g) TENON_INLINE_LAMBDA { x[g] = tap[g]; });
  const auto add = [&](Index q, auto load) TENON_INLINE_LAMBDA {
    B d[O];
    unrolled<O>([&](Index o) TENON_INLINE_LAMBDA { d[o] = load(dy + o * dy_plane + q); });
    unrolled<G>([&](Index g) TENON_INLINE_LAMBDA {
      const B y = load(x[g] + q);
      unrolled<O>([&](Index o) TENON_INLINE_LAMBDA { sum[o][g] = fma(y, d[o], sum[o][g]); });
    });
  };
  for (Index p = pixels.rows; p > 0; --p, dy += pixels.width) {
    Index q = 0;
    for (; q + W <= pixels.width; q += W) add(q, [](const T* at) TENON_INLINE_LAMBDA { return B::load(at); });
    if (q < pixels.width) add(q, [&](const T* at) TENON_INLINE_LAMBDA { return tail.load(at); });
    unrolled<G>([&](Index g) TENON_INLINE_LAMBDA { x[g] += pixels.lane; });
  }
  unrolled<O * G>([&](Index e) TENON_INLINE_LAMBDA { sum[e / G][e % G].store(sums + (e / G * sums_row + e % G) * W); });
}

/// The sums of `outputs` filters of k taps along vectors of pixels.
template <class T> struct PixelSums {
  static constexpr Index lanes = simd::Batch<T>::size, most_outputs = TileShape<T>::many_registers ? 6 : 2;
  Index outputs, k;

  Index size() const { return outputs * k * lanes; }
  /// Whether this takes less time than lanes over outputs do, in multiply-adds of a row of pixels. Those of the other
  /// way wait for loads now and then, and it copies dy.
  bool pays(Index width) const {
    const Index mine = outputs * k * ((width + lanes - 1) / lanes) * 5 / 4;
    return size() * static_cast<Index>(sizeof(T)) <= 65536 &&
           mine < width * ((outputs + lanes - 1) / lanes * k * 9 / 8 + outputs * 3 / 2);
  }
  /// sums += the pixels from dy and x on; tap i reads offset[i] further.
  void add(const PixelRows& pixels, const std::int32_t* offset, const T* dy, Index dy_plane, const T* x,
           T* sums) const {
    for (Index o = 0, n; o < outputs; o += n) {
      const T* from = dy + o * dy_plane;
      T* to = sums + o * k * lanes;
      n = outputs - o;
      if (n >= most_outputs) add_taps<most_outputs>(pixels, offset, from, dy_plane, x, to), n = most_outputs;
      else if (n >= 2) add_taps<2>(pixels, offset, from, dy_plane, x, to), n = 2;
      else add_taps<1>(pixels, offset, from, dy_plane, x, to);
    }
  }
  /// to(tap, output) = the sum of the lanes; rows of `row` elements, zero behind the outputs.
  void reduce(const T* sums, T* to, Index row) const {
    for (Index tap = 0; tap < k; ++tap, to += row)
      for (Index o = 0; o < row; ++o)
        to[o] = o < outputs ? reduce_add(simd::Batch<T>::load(sums + (o * k + tap) * lanes)) : T(0);
  }

 private:
  template <Index O>
  void add_taps(const PixelRows& pixels, const std::int32_t* offset, const T* dy, Index dy_plane, const T* x,
                T* sums) const {
    for (Index i = 0, n; i < k; i += n, sums += n * lanes) {
      const T* tap[4];
      n = k - i >= 4 ? 4 : 1;
      for (Index g = 0; g < n; ++g) tap[g] = x + offset[i + g];
      if (n == 4) pixel_tile<T, 4, O>(pixels, tap, dy, dy_plane, sums, k);
      else pixel_tile<T, 1, O>(pixels, tap, dy, dy_plane, sums, k);
    }
  }
};

}  // namespace tenon::inline TENON_ABI::kernel
