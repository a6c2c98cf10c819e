// Softmax, log-softmax and logsumexp along lines of elements. A line without gaps runs along its lanes; lines that lie
// side by side (another axis than the last) run one lane each, some hundred together, so that memory is read in order.
#pragma once

#include <cmath>
#include <limits>

#include "tenon/base/dual.hpp"
#include "tenon/kernel/lanes.hpp"
#include "tenon/simd/math.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// The largest element; NaN when there is one. Pre: n > 0
template <class T> T line_max(Index n, const T* x, Index stride) noexcept {
  if constexpr (has_lanes<T>) {
    using B = simd::Batch<T>;
    if (stride == 1 && n < B::size) {
      const TailLanes<T> at{0, n};
      return reduce_max(at.only(at.load(x), B(x[0])));
    }
    if (stride == 1) {
      B m[4] = {B::load(x), B::load(x), B::load(x), B::load(x)};
      Index i = B::size;
      for (; i + 4 * B::size <= n; i += 4 * B::size)
        for (Index k = 0; k < 4; ++k) m[k] = maximum(m[k], B::load(x + i + k * B::size));
      for (; i + B::size <= n; i += B::size) m[0] = maximum(m[0], B::load(x + i));
      if (i < n) m[1] = maximum(m[1], B::load(x + n - B::size));  // overlaps: a maximum may see an element twice
      return reduce_max(maximum(maximum(m[0], m[1]), maximum(m[2], m[3])));
    }
  }
  T m = x[0];
  for (Index i = 1; i < n; ++i) m = select(x[i * stride] > m || x[i * stride] != x[i * stride], x[i * stride], m);
  return m;
}

/// exp(x[i] - m) into y when y is not null; returns their sum. Pre: x[i] <= m, or NaN
template <class T> T line_exp_sum(Index n, const T* x, Index sx, T m, T* y, Index sy) noexcept {
  if constexpr (has_lanes<T>) {
    if (sx == 1 && y == nullptr)
      return sum_line<T>(n,
                         [=](auto at) TENON_INLINE_LAMBDA { return exp_nonpositive(at.load(x) - simd::Batch<T>(m)); });
    if (sx == 1 && sy == 1)
      return sum_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
        __builtin_prefetch(x + n + at.i);  // most likely the next line: memory and exponentials take turns otherwise
        __builtin_prefetch(y + n + at.i, 1);
        const auto e = exp_nonpositive(at.load(x) - simd::Batch<T>(m));
        at.store(y, e);
        return e;
      });
  }
  using std::exp;
  T sum(0);
  for (Index i = 0; i < n; ++i) {
    const T e = exp(x[i * sx] - m);
    if (y != nullptr) y[i * sy] = e;
    sum = sum + e;
  }
  return sum;
}

/// log(sum(exp(x))), shifted by the largest element so that it does not overflow. Pre: n > 0
template <class T> T line_logsumexp(Index n, const T* x, Index stride) noexcept {
  using std::log;
  const T m = line_max(n, x, stride);
  if constexpr (std::is_floating_point_v<T>)
    if (std::isinf(m)) return m;  // all -inf, or one +inf: the difference would be NaN
  return m + log(line_exp_sum(n, x, stride, m, static_cast<T*>(nullptr), 1));
}

/// Lines side by side: what softmax and log-softmax do to `columns` of them, each of n elements, `stride` apart.
/// Pre: columns <= width; x, y, dy and dx lie alike
template <class T> struct Columns {
  static constexpr Index width = 1024;  // so that memory is read in order; two arrays of that stay in L1
  Index n, stride, columns;

  void softmax(const T* x, T* y) const noexcept {
    alignas(64) T most[width], sum[width];
    largest(x, most);
    each_row(sum, [&](auto at, Index o, auto total) TENON_INLINE_LAMBDA {
      const auto e = exp_of(at.load(x + o) - at.load(most));
      at.store(y + o, e);
      return total + e;
    });
    each([&](auto at) TENON_INLINE_LAMBDA { at.store(sum, lanes_t<T>(T(1)) / at.load(sum)); });
    for (Index i = 0; i < n; ++i)
      each([&](auto at) TENON_INLINE_LAMBDA { at.store(y + i * stride, at.load(y + i * stride) * at.load(sum)); });
  }
  void log_softmax(const T* x, T* y) const noexcept {
    alignas(64) T most[width], sum[width];
    largest(x, most);
    each_row(sum, [&](auto at, Index o, auto total)
                      TENON_INLINE_LAMBDA { return total + exp_of(at.load(x + o) - at.load(most)); });
    each([&](auto at) TENON_INLINE_LAMBDA { at.store(sum, log_of(at.load(sum))); });
    for (Index i = 0; i < n; ++i)
      each([&](auto at) TENON_INLINE_LAMBDA {
        at.store(y + i * stride, at.load(x + i * stride) - at.load(most) - at.load(sum));
      });
  }
  void softmax_backward(const T* y, const T* dy, T* dx, Write mode) const noexcept {
    alignas(64) T dot[width];
    each_row(dot, [&](auto at, Index o, auto total)
                      TENON_INLINE_LAMBDA { return total + at.load(y + o) * at.load(dy + o); });
    for (Index i = 0, o = 0; i < n; ++i, o += stride)
      each([&](auto at)
               TENON_INLINE_LAMBDA { put(at, dx + o, at.load(y + o) * (at.load(dy + o) - at.load(dot)), mode); });
  }
  void log_softmax_backward(const T* y, const T* dy, T* dx, Write mode) const noexcept {
    alignas(64) T sum[width];
    each_row(sum, [&](auto at, Index o, auto total) TENON_INLINE_LAMBDA { return total + at.load(dy + o); });
    for (Index i = 0, o = 0; i < n; ++i, o += stride)
      each([&](auto at)
               TENON_INLINE_LAMBDA { put(at, dx + o, at.load(dy + o) - exp_of(at.load(y + o)) * at.load(sum), mode); });
  }

 private:
  template <class V> TENON_ALWAYS_INLINE static V exp_of(V x) {
    using std::exp;
    return exp(x);
  }
  template <class V> TENON_ALWAYS_INLINE static V log_of(V x) {
    using std::log;
    return log(x);
  }
  template <class F> TENON_ALWAYS_INLINE void each(F f) const { for_line<T>(columns, f); }
  /// total = f(lanes, offset of the row, total) over the rows, from 0.
  template <class F> TENON_ALWAYS_INLINE void each_row(T* total, F f) const {
    each([&](auto at) TENON_INLINE_LAMBDA { at.store(total, lanes_t<T>(T(0))); });
    for (Index i = 0; i < n; ++i)
      each([&](auto at) TENON_INLINE_LAMBDA { at.store(total, f(at, i * stride, at.load(total))); });
  }
  void largest(const T* x, T* most) const {
    each([&](auto at) TENON_INLINE_LAMBDA { at.store(most, at.load(x)); });
    for (Index i = 1; i < n; ++i)
      each([&](auto at) TENON_INLINE_LAMBDA {
        const auto xi = at.load(x + i * stride), m = at.load(most);
        at.store(most, select(either(xi > m, xi != xi), xi, m));
      });
  }
};

/// y[i] = exp(x[i]) / sum exp(x).
/// Pre:  x and y hold n elements without gaps; x == y is allowed
/// Cost: a line in L1 is read three times; one exp an element
template <class T> void softmax(Index n, const T* x, T* y) noexcept {
  if (n == 0) return;
  const T sum = line_exp_sum(n, x, 1, line_max(n, x, 1), y, 1);
  const lanes_t<T> scale(T(1) / sum);
  for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { at.store(y, at.load(y) * scale); });
}
/// dx[i] (+)= y[i] (dy[i] - sum(dy y)).
template <class T> void softmax_backward(Index n, const T* y, const T* dy, T* dx, Write mode) noexcept {
  const lanes_t<T> dot(sum_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { return at.load(y) * at.load(dy); }));
  for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { put(at, dx, at.load(y) * (at.load(dy) - dot), mode); });
}
/// y[i] = x[i] - logsumexp(x).
template <class T> void log_softmax(Index n, const T* x, T* y) noexcept {
  using std::log;
  if (n == 0) return;
  // The largest first: x - m is exact near 0, where x - (m + l) would keep the rounding of m + l.
  const T m = line_max(n, x, 1), l = log(line_exp_sum(n, x, 1, m, static_cast<T*>(nullptr), 1));
  const lanes_t<T> most(m), rest(l);
  for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { at.store(y, at.load(x) - most - rest); });
}
/// dx[i] (+)= dy[i] - exp(y[i]) sum(dy).
template <class T> void log_softmax_backward(Index n, const T* y, const T* dy, T* dx, Write mode) noexcept {
  using std::exp;
  const lanes_t<T> sum(sum_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { return at.load(dy); }));
  for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { put(at, dx, at.load(dy) - exp(at.load(y)) * sum, mode); });
}

/// An array as lines along one axis: `outer` blocks of `inner` lines side by side. Calls line(offset) for each line
/// without gaps, else block(offset, columns) for some lines; on several threads when `cost` nanoseconds an element say
/// that it pays.
template <class Line, class Block>
void for_each_line(Index outer, Index n, Index inner, Index width, Index cost, Line line, Block block) noexcept {
  if (inner == 1) {
    simd::parallel_for(outer, line_grain(n, cost), [&](Index first, Index last) {
      for (Index i = first; i < last; ++i) line(i * n);
    });
    return;
  }
  const Index blocks = (inner + width - 1) / width;
  simd::parallel_for(outer * blocks, line_grain(n * (inner < width ? inner : width), cost),
                     [&](Index first, Index last) {
                       for (Index i = first; i < last; ++i) {
                         const Index column = i % blocks * width, rest = inner - column;
                         block(i / blocks * n * inner + column, rest < width ? rest : width);
                       }
                     });
}

}  // namespace tenon::inline TENON_ABI::kernel
