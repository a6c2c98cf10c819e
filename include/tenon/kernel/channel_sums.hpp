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

/// The sum of f(i)(lanes) over lanes that cover [0, inner), for all images i; some dozen planes at a time meet in one
/// vector, which is then gathered. For planes that are short beside a vector's sum.
template <class T, class F> typename GatheredIn<T>::type sum_short_planes(Planes s, F f) noexcept {
  using B = simd::Batch<T>;
  const Index some = 1 + 1024 / (s.inner + 1);
  typename GatheredIn<T>::type sum{};
  for (Index first = 0; first < s.images; first += some) {
    B part(T(0));
    for (Index i = first; i < s.images && i < first + some; ++i) {
      const auto of = f(i);
      Index j = 0;
      for (; j + B::size <= s.inner; j += B::size) part += of(WholeLanes<T>{j});
      if (j == s.inner) continue;
      const TailLanes<T> tail{j, s.inner - j};
      part += tail.only(of(tail), B(T(0)));
    }
    sum = sum + reduce_add(part);
  }
  return sum;
}
/// Whether a channel's planes are so short, and all of them together so small that reading them twice costs little.
template <class T> bool has_short_planes(Planes s) noexcept {
  return has_lanes<T> && s.inner <= 256 && s.count() * static_cast<Index>(sizeof(T)) <= (Index{1} << 19);
}

/// Of channel k of x.
template <class T> Spread<T> channel_spread(Planes s, Index k, const T* x) noexcept {
  Spread<T> spread;
  if constexpr (has_lanes<T>)
    if (has_short_planes<T>(s) && s.count() > 0) {
      const auto plane = [=](Index i) { return x + s.at(i, k); };
      const auto n = static_cast<typename Spread<T>::Number>(s.count());
      spread.count = s.count();
      spread.mean = sum_short_planes<T>(s,
                                        [=](Index i) TENON_INLINE_LAMBDA {
                                          return [p = plane(i)](auto at) TENON_INLINE_LAMBDA { return at.load(p); };
                                        }) /
                    n;
      spread.squares = sum_short_planes<T>(s, [=, m = T(spread.mean)](Index i) TENON_INLINE_LAMBDA {
        return [p = plane(i), m](auto at) TENON_INLINE_LAMBDA {
          const auto d = at.load(p) - m;
          return d * d;
        };
      });
      return spread;
    }
  for (Index i = 0; i < s.images; ++i) spread.add(s.inner, x + s.at(i, k));
  return spread;
}
template <class T> PlaneSums<T> channel_sums(Planes s, Index k, const T* x, const T* dy, T mean) noexcept {
  PlaneSums<T> sums;
  if constexpr (has_lanes<T>)
    if (has_short_planes<T>(s)) {
      sums.dy = sum_short_planes<T>(s, [=](Index i) TENON_INLINE_LAMBDA {
        return [p = dy + s.at(i, k)](auto at) TENON_INLINE_LAMBDA { return at.load(p); };
      });
      sums.dyx = sum_short_planes<T>(s, [=](Index i) TENON_INLINE_LAMBDA {
        return [p = dy + s.at(i, k), q = x + s.at(i, k), mean](auto at)
                   TENON_INLINE_LAMBDA { return at.load(p) * (at.load(q) - mean); };
      });
      return sums;
    }
  for (Index i = 0; i < s.images; ++i) sums.add(s.inner, dy + s.at(i, k), x + s.at(i, k), mean);
  return sums;
}

}  // namespace tenon::inline TENON_ABI::kernel
