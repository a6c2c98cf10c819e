// Pooling: the largest element, or the mean, of windows that slide over each plane of an image.
#pragma once

#include <array>
#include <cstdint>

#include "tenon/base/dual.hpp"
#include "tenon/shape/span.hpp"
#include "tenon/simd/pairs.hpp"
#include "tenon/simd/tail.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// The windows along one dimension: `size` elements, `stride` apart, the first `padding` before element 0; or, when size
/// is 0, `outputs` windows that cover `inputs` elements as evenly as whole elements allow.
struct PoolWindows {
  Index inputs, outputs, size = 0, stride = 0, padding = 0;

  /// Elements of window p that lie inside: first, and behind the last.
  constexpr std::array<Index, 2> of(Index p) const {
    if (size == 0) return {p * inputs / outputs, ((p + 1) * inputs + outputs - 1) / outputs};
    const Index first = p * stride - padding, last = first + size;
    return {first < 0 ? 0 : first, last < inputs ? last : inputs};
  }
  /// What a mean divides by: zeros around the image count.
  constexpr Index count(Index p) const { return size > 0 ? size : of(p)[1] - of(p)[0]; }
};

/// The largest element so far and its row-major position; lanes or numbers.
template <class V, class P> struct PoolBest {
  V value;
  P position;
  /// Takes v if it is larger, or NaN.
  TENON_ALWAYS_INLINE void offer(V v, P at) {
    const auto better = either(v > value, v != v);
    value = select(better, v, value);
    position = select(better, at, position);
  }
};

/// One window, rows top .. bottom, columns left .. right, of which there is at least one.
template <class T>
PoolBest<T, Index> best_of(Matrix<const T> x, Index top, Index bottom, Index left, Index right) noexcept {
  PoolBest<T, Index> best{x(top, left), top * x.extent[1] + left};
  for (Index i = top; i < bottom; ++i)
    for (Index j = left; j < right; ++j) best.offer(x(i, j), i * x.extent[1] + j);
  return best;
}
/// n windows of two columns side by side, n up to a vector; x: rows without gaps.
template <class T>
TENON_ALWAYS_INLINE void best_of_pairs(const T* x, Index stride, Index row, Index rows, Index width, Index column,
                                       Index n, T* y, std::int32_t* at) noexcept {
  using B = simd::Batch<T>;
  using Tail = simd::Tail<T>;
  constexpr Index W = B::size;
  const Tail low = Tail::first(2 * n < W ? 2 * n : W), high = Tail::first(2 * n > W ? 2 * n - W : 1),
             lanes = Tail::first(n);
  alignas(64) T even_columns[W];
  for (Index k = 0; k < W; ++k) even_columns[k] = static_cast<T>(2 * k);
  B position = B::load_aligned(even_columns) + B(static_cast<T>(row * width + column));
  const auto pairs = [&](Index i) __attribute__((always_inline)) {
    const T* from = x + (row + i) * stride + column;
    return even_odd(low.load(from), 2 * n > W ? high.load(from + W) : B(T(0)));
  };
  auto next = pairs(0);
  PoolBest<B, B> best{next.even, position};
  best.offer(next.even, position);
  best.offer(next.odd, position + B(T(1)));
  for (Index i = 1; i < rows; ++i) {
    next = pairs(i);
    position = position + B(static_cast<T>(width));
    best.offer(next.even, position);
    best.offer(next.odd, position + B(T(1)));
  }
  lanes.store(y, best.value);
  store_int32(best.position, at, n);
}

/// y(p, q) = the largest element of window (p, q), `at` its row-major position in x; the first of equal ones, NaN where
/// there is one (the last of them). Windows two columns wide and apart run on SIMD lanes.
/// Pre:  each window holds an element; y and `at` are row-major; x has fewer than 2^31 elements
template <class T>
void max_pool(const PoolWindows& rows, const PoolWindows& columns, Matrix<const T> x, T* y, std::int32_t* at) noexcept {
  for (Index p = 0; p < rows.outputs; ++p) {
    const auto [top, bottom] = rows.of(p);
    Index q = 0;
    if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>)
      if (columns.size == 2 && columns.stride == 2 && columns.padding == 0 && x.stride[1] == 1 &&
          rows.inputs * columns.inputs < (Index{1} << 24))  // positions are exact in a float
        for (Index n; q < columns.outputs; q += n, y += n, at += n) {
          n = columns.outputs - q < simd::Batch<T>::size ? columns.outputs - q : simd::Batch<T>::size;
          best_of_pairs(x.data, x.stride[0], top, bottom - top, columns.inputs, 2 * q, n, y, at);
        }
    for (; q < columns.outputs; ++q) {
      const auto [left, right] = columns.of(q);
      const auto best = best_of(x, top, bottom, left, right);
      *y++ = best.value;
      *at++ = static_cast<std::int32_t>(best.position);
    }
  }
}
/// dx(at[k]) += dy[k], n of them; dx row-major.
template <class T> void max_pool_backward(Index n, const T* dy, const std::int32_t* at, T* dx) noexcept {
  for (Index k = 0; k < n; ++k) dx[at[k]] = dx[at[k]] + dy[k];
}

/// y(p, q) = the sum over window (p, q) divided by its count.
template <class T>
void mean_pool(const PoolWindows& rows, const PoolWindows& columns, Matrix<const T> x, T* y) noexcept {
  for (Index p = 0; p < rows.outputs; ++p) {
    const auto [top, bottom] = rows.of(p);
    for (Index q = 0; q < columns.outputs; ++q) {
      const auto [left, right] = columns.of(q);
      T sum(0);
      for (Index i = top; i < bottom; ++i)
        for (Index j = left; j < right; ++j) sum = sum + x(i, j);
      *y++ = sum / static_cast<primal_t<T>>(rows.count(p) * columns.count(q));
    }
  }
}
/// dx += dy / count over each window; dx row-major.
template <class T>
void mean_pool_backward(const PoolWindows& rows, const PoolWindows& columns, const T* dy, T* dx) noexcept {
  for (Index p = 0; p < rows.outputs; ++p) {
    const auto [top, bottom] = rows.of(p);
    for (Index q = 0; q < columns.outputs; ++q) {
      const auto [left, right] = columns.of(q);
      const T share = *dy++ / static_cast<primal_t<T>>(rows.count(p) * columns.count(q));
      for (Index i = top; i < bottom; ++i)
        for (Index j = left; j < right; ++j) dx[i * columns.inputs + j] = dx[i * columns.inputs + j] + share;
    }
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
