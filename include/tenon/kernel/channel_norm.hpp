// Batch norm and group norm: y = (x - mean) scale weight + bias, weight and bias one number a channel, the mean and
// scale = 1 / sqrt(variance + epsilon) of a channel over all images, or of a group of channels of one image.
//
// A channel's planes are read from memory once each way when they fit in the second cache together: its sums and its
// result are made one after the other. Planes of one element (x is a matrix) run on lanes along the channels instead.
#pragma once

#include <cmath>

#include "tenon/kernel/channel_sums.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// y = (x - mean) slope + bias
template <class T> TENON_ALWAYS_INLINE void write_plane(Index n, const T* x, T mean, T slope, T bias, T* y) noexcept {
  for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { at.store(y, (at.load(x) - mean) * slope + bias); });
}
/// dx = or += slope dy - shift - (x - mean) tilt
template <class T>
TENON_ALWAYS_INLINE void write_plane_gradient(Index n, const T* x, const T* dy, T mean, T slope, T shift, T tilt, T* dx,
                                              Write mode) noexcept {
  for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
    put<T>(at, dx, at.load(dy) * slope - shift - (at.load(x) - mean) * tilt, mode);
  });
}

/// T is float, double or a dual. All arrays of one number a channel, or a row (image, group) of group norm, are given.
template <class T> struct ChannelNorm {
  using Number = primal_t<T>;
  using Sum = typename GatheredIn<T>::type;

  static T scale_of(T variance, Number epsilon) noexcept {
    using std::sqrt;
    return T(Number(1)) / sqrt(variance + T(epsilon));
  }

  /// Mean, variance (divided by the count) and scale of each channel, and y; x == y is allowed.
  static void forward(Planes s, const T* x, const T* weight, const T* bias, Number epsilon, T* y, T* mean, T* variance,
                      T* scale) noexcept {
    if (s.inner == 1) {
      column_moments(s, x, mean, variance);
      for (Index k = 0; k < s.channels; ++k) scale[k] = scale_of(variance[k], epsilon);
      return write_columns(s, x, mean, scale, weight, bias, y);
    }
    for_blocks(s, 1, [=](Index first, Index n) {
      Spread<T> spread[most_channels];
      channel_spreads(s, first, n, x, spread);
      for (Index c = 0; c < n; ++c) {
        mean[first + c] = T(spread[c].mean), variance[first + c] = T(spread[c].variance());
        scale[first + c] = scale_of(variance[first + c], epsilon);
      }
      write_block(s, first, n, x, mean, scale, weight, bias, y);
    });
  }
  /// y by a mean and a scale that are given.
  static void apply(Planes s, const T* x, const T* mean, const T* scale, const T* weight, const T* bias,
                    T* y) noexcept {
    if (s.inner == 1) return write_columns(s, x, mean, scale, weight, bias, y);
    for_blocks(s, 1, [=](Index first, Index n) { write_block(s, first, n, x, mean, scale, weight, bias, y); });
  }
  /// The sums of dy and of dy (x - mean) of each channel, and, unless dx is null, dx: with `through`, the mean and
  /// scale depend on x, otherwise they are numbers.
  static void backward(Planes s, const T* x, const T* dy, const T* weight, const T* mean, const T* scale, bool through,
                       T* dx, Write mode, T* sum_dy, T* sum_dyx) noexcept {
    if (s.inner == 1) return column_gradients(s, x, dy, weight, mean, scale, through, dx, mode, sum_dy, sum_dyx);
    for_blocks(s, 2, [=](Index first, Index n) {
      PlaneSums<T> sums[most_channels];
      Line<T> line[most_channels];
      channel_sums(s, first, n, x, dy, mean, sums);
      for (Index c = 0; c < n; ++c) {
        const Index k = first + c;
        sum_dy[k] = T(sums[c].dy), sum_dyx[k] = T(sums[c].dyx);
        line[c] = line_of(s.count(), weight[k], scale[k], sum_dy[k], sum_dyx[k], through);
      }
      for (Index i = 0; i < s.images && dx != nullptr; ++i)
        for (Index c = 0; c < n; ++c) {
          const Index at = s.at(i, first + c);
          write_plane_gradient(s.inner, x + at, dy + at, mean[first + c], line[c].slope, line[c].shift, line[c].tilt,
                               dx + at, mode);
        }
    });
  }

  /// Group norm: mean and scale of each row (image, group), images * groups of them, and y.
  static void forward_groups(Planes s, Index groups, const T* x, const T* weight, const T* bias, Number epsilon, T* y,
                             T* mean, T* scale) noexcept {
    const Index wide = groups > 0 ? s.channels / groups : 0;
    simd::parallel_for(s.images * groups, line_grain(wide * s.inner), [=](Index first, Index last) {
      for (Index r = first; r < last; ++r) {
        Spread<T> spread;
        spread.add(wide * s.inner, x + r * wide * s.inner);
        mean[r] = T(spread.mean), scale[r] = scale_of(T(spread.variance()), epsilon);
        if (s.inner == 1) {
          write_group(wide, x + r * wide, mean[r], scale[r], weight + r % groups * wide, bias + r % groups * wide,
                      y + r * wide);
          continue;
        }
        for (Index j = 0, k = r % groups * wide; j < wide; ++j, ++k) {
          const Index at = (r * wide + j) * s.inner;
          write_plane(s.inner, x + at, mean[r], weight[k] * scale[r], bias[k], y + at);
        }
      }
    });
  }
  /// dx unless null, and of each plane the sums of dy and of dy (x - mean) scale: images * channels numbers each.
  static void backward_groups(Planes s, Index groups, const T* x, const T* dy, const T* weight, const T* mean,
                              const T* scale, T* dx, Write mode, T* sum_dy, T* sum_dyh) noexcept {
    const Index wide = groups > 0 ? s.channels / groups : 0;
    const Number share = Number(1) / static_cast<Number>(wide * s.inner > 0 ? wide * s.inner : 1);
    simd::parallel_for(s.images * groups, line_grain(wide * s.inner, 2), [=](Index first, Index last) {
      for (Index r = first; r < last; ++r) {
        if (s.inner == 1) {
          group_gradient(wide, x + r * wide, dy + r * wide, weight + r % groups * wide, mean[r], scale[r],
                         dx == nullptr ? nullptr : dx + r * wide, mode, sum_dy + r * wide, sum_dyh + r * wide);
          continue;
        }
        Sum g{}, gh{};
        for (Index j = 0, k = r % groups * wide; j < wide; ++j, ++k) {
          PlaneSums<T> sums;
          sums.add(s.inner, dy + (r * wide + j) * s.inner, x + (r * wide + j) * s.inner, mean[r]);
          sum_dy[r * wide + j] = T(sums.dy), sum_dyh[r * wide + j] = T(sums.dyx) * scale[r];
          g = g + Sum(weight[k]) * sums.dy, gh = gh + Sum(weight[k]) * sums.dyx;
        }
        if (dx == nullptr) continue;
        const T shift = T(g) * scale[r] * T(share), tilt = T(gh) * scale[r] * scale[r] * scale[r] * T(share);
        for (Index j = 0, k = r % groups * wide; j < wide; ++j, ++k) {
          const Index at = (r * wide + j) * s.inner;
          write_plane_gradient(s.inner, x + at, dy + at, mean[r], weight[k] * scale[r], shift, tilt, dx + at, mode);
        }
      }
    });
  }

 private:
  template <class V> struct Line { V slope, shift, tilt; };
  /// dx = slope dy - shift - (x - mean) tilt: weight scale (dy - mean(dy) - h mean(dy h)), h = (x - mean) scale.
  template <class V>
  TENON_ALWAYS_INLINE static Line<V> line_of(Index n, V weight, V scale, V sum_dy, V sum_dyx, bool through) noexcept {
    const V slope = weight * scale, share = V(Number(1) / static_cast<Number>(n > 0 ? n : 1));
    if (!through) return {slope, V(Number(0)), V(Number(0))};
    return {slope, slope * sum_dy * share, slope * scale * scale * sum_dyx * share};
  }
  /// f(first channel, channels) for blocks of channels, some on each thread. An element costs `cost` nanoseconds.
  template <class F> static void for_blocks(Planes s, Index cost, F f) noexcept {
    const Index block = channel_block(s);
    simd::parallel_for((s.channels + block - 1) / block, line_grain(block * s.count(), cost),
                       [=](Index first, Index last) {
                         for (Index k = first * block; k < s.channels && k < last * block; k += block)
                           f(k, s.channels - k < block ? s.channels - k : block);
                       });
  }
  static void write_block(Planes s, Index first, Index n, const T* x, const T* mean, const T* scale, const T* weight,
                          const T* bias, T* y) noexcept {
    for (Index i = 0; i < s.images; ++i)
      for (Index k = first; k < first + n; ++k)
        write_plane(s.inner, x + s.at(i, k), mean[k], weight[k] * scale[k], bias[k], y + s.at(i, k));
  }

  // ---- Planes of one element: a group is a row, whose elements have weights of their own ----------------------------
  static void write_group(Index n, const T* x, T mean, T scale, const T* weight, const T* bias, T* y) noexcept {
    for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
      at.store(y, (at.load(x) - mean) * (at.load(weight) * scale) + at.load(bias));
    });
  }
  static void group_gradient(Index n, const T* x, const T* dy, const T* weight, T mean, T scale, T* dx, Write mode,
                             T* sum_dy, T* sum_dyh) noexcept {
    for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
      at.store(sum_dy, at.load(dy));
      at.store(sum_dyh, at.load(dy) * (at.load(x) - mean) * scale);
    });
    if (dx == nullptr) return;
    const T share = T(Number(1) / static_cast<Number>(n > 0 ? n : 1));
    const T g = sum_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { return at.load(dy) * at.load(weight); });
    const T gh = sum_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { return at.load(sum_dyh) * at.load(weight); });
    const T shift = g * scale * share, tilt = gh * scale * scale * share;
    for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
      put<T>(at, dx, at.load(dy) * (at.load(weight) * scale) - shift - (at.load(x) - mean) * tilt, mode);
    });
  }

  // ---- Planes of one element: x (images, channels), lanes along the channels ----------------------------------------
  using V = lanes_t<T>;
  /// f(lanes, first channel of the part) for all channels, some on each thread.
  template <class F> static void for_channels(Planes s, F f) noexcept {
    constexpr Index part = 64;
    simd::parallel_for((s.channels + part - 1) / part, line_grain(part * s.images), [=](Index first, Index last) {
      const Index from = first * part, to = last * part < s.channels ? last * part : s.channels;
      for_line<T>(to - from, [&](auto at) TENON_INLINE_LAMBDA { f(at, from); });
    });
  }
  /// The sum of f(i) over the images, some dozens at a time: fewer digits are lost.
  template <class F> TENON_ALWAYS_INLINE static V sum_images(Index images, F f) noexcept {
    V sum(Number(0));
    for (Index i = 0; i < images;) {
      V some(Number(0));
      for (const Index end = images - i < 64 ? images : i + 64; i < end; ++i) some = some + f(i);
      sum = sum + some;
    }
    return sum;
  }
  static void column_moments(Planes s, const T* x, T* mean, T* variance) noexcept {
    const Number share = Number(1) / static_cast<Number>(s.images > 0 ? s.images : 1);
    for_channels(s, [=](auto at, Index from) TENON_INLINE_LAMBDA {
      const auto row = [=](Index i) TENON_INLINE_LAMBDA { return at.load(x + from + i * s.channels); };
      const V m = sum_images(s.images, row) * V(share);
      const V q = sum_images(s.images, [=](Index i) TENON_INLINE_LAMBDA {
        const V d = row(i) - m;
        return d * d;
      });
      at.store(mean + from, m);
      at.store(variance + from, s.images > 0 ? q * V(share) : V(Number(1)));
    });
  }
  static void write_columns(Planes s, const T* x, const T* mean, const T* scale, const T* weight, const T* bias,
                            T* y) noexcept {
    simd::parallel_for(s.images, line_grain(s.channels), [=](Index first, Index last) {
      for (Index i = first; i < last; ++i) {
        const T* xi = x + i * s.channels;
        T* yi = y + i * s.channels;
        for_line<T>(s.channels, [=](auto at) TENON_INLINE_LAMBDA {
          at.store(yi, (at.load(xi) - at.load(mean)) * (at.load(weight) * at.load(scale)) + at.load(bias));
        });
      }
    });
  }
  static void column_gradients(Planes s, const T* x, const T* dy, const T* weight, const T* mean, const T* scale,
                               bool through, T* dx, Write mode, T* sum_dy, T* sum_dyx) noexcept {
    for_channels(s, [=](auto at, Index from) TENON_INLINE_LAMBDA {
      const V m = at.load(mean + from);
      const V g =
          sum_images(s.images, [=](Index i) TENON_INLINE_LAMBDA { return at.load(dy + from + i * s.channels); });
      const V gx = sum_images(s.images, [=](Index i) TENON_INLINE_LAMBDA {
        return at.load(dy + from + i * s.channels) * (at.load(x + from + i * s.channels) - m);
      });
      at.store(sum_dy + from, g);
      at.store(sum_dyx + from, gx);
      if (dx == nullptr) return;
      const auto of = line_of<V>(s.images, at.load(weight + from), at.load(scale + from), g, gx, through);
      for (Index i = 0; i < s.images; ++i) {
        const Index e = from + i * s.channels;
        put<T>(at, dx + e, at.load(dy + e) * of.slope - of.shift - (at.load(x + e) - m) * of.tilt, mode);
      }
    });
  }
};

}  // namespace tenon::inline TENON_ABI::kernel
