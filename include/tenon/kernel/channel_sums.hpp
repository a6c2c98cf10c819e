// Sums over the channels of images: mean and variance, and those that a norm's backward needs. Sums of float are gathered
// in double, some thousand elements at a time.
#pragma once

#include "tenon/base/dual.hpp"
#include "tenon/kernel/lanes.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// x (images, channels, inner) without gaps.
struct Planes {
  Index images, channels, inner;
  /// The first element of a plane.
  Index at(Index image, Index channel) const noexcept { return (image * channels + channel) * inner; }
  /// Elements of a channel.
  Index count() const noexcept { return images * inner; }
  Index size() const noexcept { return channels * count(); }
};

/// What sums of T are gathered in, some thousand elements at a time.
template <class T> struct GatheredIn { using type = T; };
template <> struct GatheredIn<float> { using type = double; };

/// The mean of elements and the sum of (x - mean)^2, put together from parts.
/// Source: Chan, Golub, LeVeque, Updating formulae and a pairwise algorithm for computing sample variances, 1979
template <class T> struct Spread {
  using Sum = typename GatheredIn<T>::type;
  using Number = primal_t<Sum>;
  Index count = 0;
  Sum mean{}, squares{};

  void merge(Index n, Sum m, Sum s) noexcept {
    const Number old = static_cast<Number>(count), more = static_cast<Number>(n), both = old + more;
    const Sum d = m - mean;
    mean = mean + d * (more / both);
    squares = squares + s + d * d * (old * more / both);
    count += n;
  }
  /// n elements, a few thousand at a time so that they are in L1 when they are read again.
  void add(Index n, const T* x) noexcept {
    constexpr Index piece = 4096;
    for (Index first = 0; first < n; first += piece) {
      const Index length = n - first < piece ? n - first : piece;
      const T* p = x + first;
      const T m = sum_line<T>(length, [=](auto at) TENON_INLINE_LAMBDA { return at.load(p); }) /
                  T(static_cast<primal_t<T>>(length));
      const T s = sum_line<T>(length, [=](auto at) TENON_INLINE_LAMBDA {
        const auto d = at.load(p) - m;
        return d * d;
      });
      merge(length, Sum(m), Sum(s));
    }
  }
  /// Of no elements 1, so that nothing is divided by 0.
  Sum variance() const noexcept { return count > 0 ? squares / static_cast<Number>(count) : Sum(Number(1)); }
};

/// Sums over elements of dy and of dy (x - mean).
template <class T> struct PlaneSums {
  using Sum = typename GatheredIn<T>::type;
  Sum dy{}, dyx{};

  void add(Index n, const T* g, const T* x, T mean) noexcept {
    constexpr Index piece = 2048;
    for (Index first = 0; first < n; first += piece) {
      const Index length = n - first < piece ? n - first : piece;
      const T *p = g + first, *q = x + first;
      dy = dy + Sum(sum_line<T>(length, [=](auto at) TENON_INLINE_LAMBDA { return at.load(p); }));
      dyx =
          dyx + Sum(sum_line<T>(length, [=](auto at) TENON_INLINE_LAMBDA { return at.load(p) * (at.load(q) - mean); }));
    }
  }
};

/// Channels that are taken together: short planes side by side, so that a part of an image is some 2 KiB of memory in a
/// run, and all images' parts of a block stay in the second cache.
inline constexpr Index most_channels = 64;
inline Index channel_block(Planes s) noexcept {
  const Index n = 1 + 511 / (s.inner + 1);
  return n < most_channels ? n : most_channels;
}
/// sum[c] of f(image, first + c)(lanes) over lanes that cover [0, inner) of all images, for `channels` channels. The
/// lanes of some dozen planes meet in one vector, which is then gathered: for planes that are short beside its sum.
template <class T, class F>
void sum_short_planes(Planes s, Index first, Index channels, typename GatheredIn<T>::type* sum, F f) noexcept {
  using B = simd::Batch<T>;
  const Index some = 1 + 1024 / (s.inner + 1);
  for (Index c = 0; c < channels; ++c) sum[c] = 0;
  for (Index from = 0; from < s.images; from += some) {
    B part[most_channels];
    for (Index c = 0; c < channels; ++c) part[c] = B(T(0));
    for (Index i = from; i < s.images && i < from + some; ++i)
      for (Index c = 0; c < channels; ++c) {
        const auto of = f(s.at(i, first + c), c);
        B p = part[c];
        Index j = 0;
        for (; j + B::size <= s.inner; j += B::size) p += of(WholeLanes<T>{j});
        if (j < s.inner) {
          const TailLanes<T> tail{j, s.inner - j};
          p += tail.only(of(tail), B(T(0)));
        }
        part[c] = p;
      }
    for (Index c = 0; c < channels; ++c) sum[c] = sum[c] + reduce_add(part[c]);
  }
}
/// Whether a channel's planes are so short, and all of them together so small that reading them twice costs little.
template <class T> bool has_short_planes(Planes s) noexcept {
  return has_lanes<T> && s.inner <= 256 && s.count() * static_cast<Index>(sizeof(T)) <= (Index{1} << 16);
}

/// Of `channels` channels of x, at most most_channels.
template <class T> void channel_spreads(Planes s, Index first, Index channels, const T* x, Spread<T>* spread) noexcept {
  for (Index c = 0; c < channels; ++c) spread[c] = Spread<T>{};
  if constexpr (has_lanes<T>)
    if (has_short_planes<T>(s) && s.count() > 0) {
      typename Spread<T>::Sum sum[most_channels];
      T mean[most_channels];
      sum_short_planes<T>(s, first, channels, sum, [=](Index plane, Index) TENON_INLINE_LAMBDA {
        return [p = x + plane](auto at) TENON_INLINE_LAMBDA { return at.load(p); };
      });
      for (Index c = 0; c < channels; ++c) {
        spread[c].count = s.count();
        spread[c].mean = sum[c] / static_cast<typename Spread<T>::Number>(s.count());
        mean[c] = T(spread[c].mean);
      }
      sum_short_planes<T>(s, first, channels, sum, [=, m = &mean[0]](Index plane, Index c) TENON_INLINE_LAMBDA {
        return [p = x + plane, v = m[c]](auto at) TENON_INLINE_LAMBDA {
          const auto d = at.load(p) - v;
          return d * d;
        };
      });
      for (Index c = 0; c < channels; ++c) spread[c].squares = sum[c];
      return;
    }
  for (Index i = 0; i < s.images; ++i)
    for (Index c = 0; c < channels; ++c) spread[c].add(s.inner, x + s.at(i, first + c));
}
/// Likewise the sums for backward; mean is that of each channel of x.
template <class T>
void channel_sums(Planes s, Index first, Index channels, const T* x, const T* dy, const T* mean,
                  PlaneSums<T>* sums) noexcept {
  for (Index c = 0; c < channels; ++c) sums[c] = PlaneSums<T>{};
  if constexpr (has_lanes<T>)
    if (has_short_planes<T>(s)) {
      typename PlaneSums<T>::Sum sum[most_channels];
      sum_short_planes<T>(s, first, channels, sum, [=](Index plane, Index) TENON_INLINE_LAMBDA {
        return [p = dy + plane](auto at) TENON_INLINE_LAMBDA { return at.load(p); };
      });
      for (Index c = 0; c < channels; ++c) sums[c].dy = sum[c];
      sum_short_planes<T>(s, first, channels, sum, [=](Index plane, Index c) TENON_INLINE_LAMBDA {
        return [p = dy + plane, q = x + plane, v = mean[first + c]](auto at)
                   TENON_INLINE_LAMBDA { return at.load(p) * (at.load(q) - v); };
      });
      for (Index c = 0; c < channels; ++c) sums[c].dyx = sum[c];
      return;
    }
  for (Index i = 0; i < s.images; ++i)
    for (Index c = 0; c < channels; ++c) {
      const Index at = s.at(i, first + c);
      sums[c].add(s.inner, dy + at, x + at, mean[first + c]);
    }
}

}  // namespace tenon::inline TENON_ABI::kernel
