// Softmax, log-softmax and logsumexp along one line of elements, each in the fewest passes over it.
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
    if (stride == 1 && n >= B::size) {
      B m = B::load(x);
      Index i = B::size;
      for (; i + B::size <= n; i += B::size) m = maximum(m, B::load(x + i));
      if (i < n) m = maximum(m, B::load(x + n - B::size));  // overlaps: a maximum may see an element twice
      T lanes[B::size];
      m.store(lanes);
      T r = lanes[0];
      for (Index k = 1; k < B::size; ++k) r = simd::maximum(r, lanes[k]);
      return r;
    }
  }
  T m = x[0];
  for (Index i = 1; i < n; ++i) m = select(x[i * stride] > m || x[i * stride] != x[i * stride], x[i * stride], m);
  return m;
}

/// exp(x[i] - m) into y when y is not null; returns their sum.
template <class T> T line_exp_sum(Index n, const T* x, Index sx, T m, T* y, Index sy) noexcept {
  if constexpr (has_lanes<T>) {
    using B = simd::Batch<T>;
    if (sx == 1 && (sy == 1 || y == nullptr)) {
      B sum(T(0));
      const B shift(m);
      Index i = 0;
      for (; i + B::size <= n; i += B::size) {
        const B e = exp(B::load(x + i) - shift);
        if (y != nullptr) e.store(y + i);
        sum = sum + e;
      }
      if (i < n) {
        const B e = exp(B::load_partial(x + i, n - i) - shift);
        if (y != nullptr) e.store_partial(y + i, n - i);
        sum = sum + select(B::first_lanes(n - i), e, B(T(0)));
      }
      return reduce_add(sum);
    }
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

/// y[i] = exp(x[i]) / sum exp(x).
/// Pre:  x and y hold n elements, strides sx and sy; x == y with equal strides is allowed
/// Cost: reads x twice, writes y twice; one exp an element
template <class T> void softmax(Index n, const T* x, Index sx, T* y, Index sy) noexcept {
  if (n == 0) return;
  const T m = line_max(n, x, sx);
  const T scale = T(1) / line_exp_sum(n, x, sx, m, y, sy);
  for (Index i = 0; i < n; ++i) y[i * sy] = y[i * sy] * scale;
}

/// dx[i] (+)= y[i] (dy[i] - sum(dy y)); all with one stride.
template <class T> void softmax_backward(Index n, const T* y, const T* dy, T* dx, Index stride, Write mode) noexcept {
  T dot(0);
  for (Index i = 0; i < n; ++i) dot = dot + y[i * stride] * dy[i * stride];
  for (Index i = 0; i < n; ++i) {
    const T d = y[i * stride] * (dy[i * stride] - dot);
    dx[i * stride] = mode == Write::add ? dx[i * stride] + d : d;
  }
}

/// log(sum(exp(x))), shifted by the largest element so that it does not overflow. Pre: n > 0
template <class T> T line_logsumexp(Index n, const T* x, Index stride) noexcept {
  using std::log;
  const T m = line_max(n, x, stride);
  if constexpr (std::is_floating_point_v<T>)
    if (std::isinf(m)) return m;  // all -inf, or one +inf: the difference would be NaN
  return m + log(line_exp_sum(n, x, stride, m, static_cast<T*>(nullptr), 1));
}

/// y[i] = x[i] - logsumexp(x).
template <class T> void log_softmax(Index n, const T* x, Index sx, T* y, Index sy) noexcept {
  using std::log;
  if (n == 0) return;
  // The largest first: x - m is exact near 0, where x - (m + l) would keep the rounding of m + l.
  const T m = line_max(n, x, sx), l = log(line_exp_sum(n, x, sx, m, static_cast<T*>(nullptr), 1));
  for (Index i = 0; i < n; ++i) y[i * sy] = x[i * sx] - m - l;
}

/// dx[i] (+)= dy[i] - exp(y[i]) sum(dy); all with one stride.
template <class T>
void log_softmax_backward(Index n, const T* y, const T* dy, T* dx, Index stride, Write mode) noexcept {
  using std::exp;
  T sum(0);
  for (Index i = 0; i < n; ++i) sum = sum + dy[i * stride];
  for (Index i = 0; i < n; ++i) {
    const T d = dy[i * stride] - exp(y[i * stride]) * sum;
    dx[i * stride] = mode == Write::add ? dx[i * stride] + d : d;
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
