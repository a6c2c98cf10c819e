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
/// Windows of two columns side by side, a vector of them: reads 2 n elements, n <= a vector's lanes.
template <class T> struct ColumnPairs {
  using B = simd::Batch<T>;
  static constexpr Index lanes = B::size;
  Index n;
  simd::Tail<T> low, high, windows;

  explicit ColumnPairs(Index count)
      : n(count),
        low(simd::Tail<T>::first(2 * n < lanes ? 2 * n : lanes)),
        high(simd::Tail<T>::first(2 * n > lanes ? 2 * n - lanes : 1)),
        windows(simd::Tail<T>::first(n)) {}
  /// Windows of this kind: two columns wide and apart. Positions are exact in a float.
  static constexpr bool fit(const PoolWindows& rows, const PoolWindows& columns) {
    return columns.size == 2 && columns.stride == 2 && columns.padding == 0 &&
           rows.inputs * columns.inputs < (Index{1} << 24);
  }
  /// 0, 2, 4 ...
  static B even_columns() {
    alignas(64) static constexpr auto even = [] {
      std::array<T, static_cast<std::size_t>(lanes)> e{};
      for (std::size_t k = 0; k < e.size(); ++k) e[k] = static_cast<T>(2 * k);
      return e;
    }();
    return B::load_aligned(even.data());
  }
  TENON_ALWAYS_INLINE simd::EvenOdd<T> load(const T* x) const {
    if (n == lanes) return even_odd(B::load(x), B::load(x + lanes));
    return even_odd(low.load(x), 2 * n > lanes ? high.load(x + lanes) : B(T(0)));
  }
  /// x = or += the 2 n elements.
  TENON_ALWAYS_INLINE void store(T* x, simd::Interleaved<T> v, bool add) const {
    const bool both = 2 * n > lanes;
    if (add) v = {v.low + low.load(x), both ? v.high + high.load(x + lanes) : v.high};
    low.store(x, v.low);
    if (both) high.store(x + lanes, v.high);
  }
  TENON_ALWAYS_INLINE void store(T* y, std::int32_t* at, B value, B position) const {
    if (n == lanes) value.store(y);
    else windows.store(y, value);
    simd::Int32Lanes<T>::store(position, at, n);
  }
  TENON_ALWAYS_INLINE void best(const T* x, Index row, Index rows, Index width, B position, T* y,
                                std::int32_t* at) const {
    simd::EvenOdd<T> next = load(x);
    PoolBest<B, B> most{next.even, position};
    most.offer(next.odd, position + B(T(1)));
    for (Index i = 1; i < rows; ++i) {
      next = load(x + i * row);
      position = position + B(static_cast<T>(width));
      most.offer(next.even, position);
      most.offer(next.odd, position + B(T(1)));
    }
    store(y, at, most.value, most.position);
  }
};
/// Windows of 2 x 2 inside the image, a vector's width of them in each row.
template <class T>
TENON_ALWAYS_INLINE void best_of_squares(const ColumnPairs<T>& pairs, const PoolWindows& rows, Index width, Index first,
                                         const T* x, Index row, Index all, T* y, std::int32_t* at) {
  using B = simd::Batch<T>;
  const B zero(T(0)), one(T(1)), below(static_cast<T>(width)), beside = below + one,
                                                               step(static_cast<T>(rows.stride * width));
  B position = pairs.even_columns() + B(static_cast<T>(first));
  for (Index p = 0; p < rows.outputs; ++p, x += rows.stride * row, y += all, at += all, position = position + step) {
    const auto top = pairs.load(x), low = pairs.load(x + row);
    const B sum = (top.even + top.odd) + (low.even + low.odd);
    if (any(sum != sum)) {  // NaN somewhere, or two infinities
      pairs.best(x, row, 2, width, position, y, at);
      continue;
    }
    const auto right = top.odd > top.even, low_right = low.odd > low.even;
    const B most = select(right, top.odd, top.even), low_most = select(low_right, low.odd, low.even);
    const auto lower = low_most > most;
    pairs.store(y, at, select(lower, low_most, most),
                position + select(lower, select(low_right, beside, below), select(right, one, zero)));
  }
}
template <class T>
[[gnu::noinline]] void max_pool_pairs(const PoolWindows& rows, const PoolWindows& columns, Matrix<const T> x, T* y,
                                      std::int32_t* at) noexcept {
  using Pairs = ColumnPairs<T>;
  using B = typename Pairs::B;
  const Index all = columns.outputs, width = columns.inputs;
  for (Index q = 0; q < all; q += Pairs::lanes) {
    const Pairs pairs(all - q < Pairs::lanes ? all - q : Pairs::lanes);
    const T* from = x.data + 2 * q;
    if (rows.size == 2 && rows.padding == 0) {
      best_of_squares(pairs, rows, width, 2 * q, from, x.stride[0], all, y + q, at + q);
      continue;
    }
    for (Index p = 0; p < rows.outputs; ++p) {
      const auto [top, bottom] = rows.of(p);
      pairs.best(from + top * x.stride[0], x.stride[0], bottom - top, width,
                 pairs.even_columns() + B(static_cast<T>(top * width + 2 * q)), y + p * all + q, at + p * all + q);
    }
  }
}

/// y(p, q) = the largest element of window (p, q), `at` its row-major position in x; the first of equal ones, NaN where
/// there is one (the last of them). Windows two columns wide and apart run on SIMD lanes.
/// Pre:  each window holds an element; y and `at` are row-major; x has fewer than 2^31 elements
template <class T>
void max_pool(const PoolWindows& rows, const PoolWindows& columns, Matrix<const T> x, T* y, std::int32_t* at) noexcept {
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>)
    if (ColumnPairs<T>::fit(rows, columns) && x.stride[1] == 1) return max_pool_pairs(rows, columns, x, y, at);
  for (Index p = 0; p < rows.outputs; ++p) {
    const auto [top, bottom] = rows.of(p);
    for (Index q = 0; q < columns.outputs; ++q) {
      const auto [left, right] = columns.of(q);
      const auto best = best_of(x, top, bottom, left, right);
      *y++ = best.value;
      *at++ = static_cast<std::int32_t>(best.position);
    }
  }
}

/// Windows of 2 x 2 that meet nowhere: each row of dx is written once, whole vectors at a time.
template <class T>
[[gnu::noinline]] void max_pool_pairs_backward(const PoolWindows& rows, const PoolWindows& columns, const T* dy,
                                               const std::int32_t* at, T* dx, bool add) noexcept {
  using Pairs = ColumnPairs<T>;
  using B = typename Pairs::B;
  const Index all = columns.outputs, width = columns.inputs;
  const B zero(T(0)), one(T(1)), below(static_cast<T>(width)), beside = below + one, step = below + below;
  for (Index q = 0; q < all; q += Pairs::lanes) {
    const Pairs pairs(all - q < Pairs::lanes ? all - q : Pairs::lanes);
    T* to = dx + 2 * q;
    B first = Pairs::even_columns() + B(static_cast<T>(2 * q));
    for (Index p = 0; p < rows.outputs; ++p, to += 2 * width, first = first + step) {
      const B taken = simd::Int32Lanes<T>::load(at + p * all + q, pairs.n) - first;
      const B d = pairs.windows.load(dy + p * all + q);
      pairs.store(to, interleave(select(taken == zero, d, zero), select(taken == one, d, zero)), add);
      pairs.store(to + width, interleave(select(taken == below, d, zero), select(taken == beside, d, zero)), add);
    }
  }
  for (Index i = 0; i < rows.inputs && !add; ++i)  // what no window covers
    for (Index j = i < 2 * rows.outputs ? 2 * all : 0; j < width; ++j) dx[i * width + j] = T(0);
}

/// dx = or += dy at the elements that max_pool took; dx row-major, `at` inside of each window.
template <class T>
void max_pool_backward(const PoolWindows& rows, const PoolWindows& columns, const T* dy, const std::int32_t* at, T* dx,
                       bool add) noexcept {
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>)
    if (ColumnPairs<T>::fit(rows, columns) && rows.size == 2 && rows.stride == 2 && rows.padding == 0)
      return max_pool_pairs_backward(rows, columns, dy, at, dx, add);
  for (Index i = 0; i < rows.inputs * columns.inputs && !add; ++i) dx[i] = T(0);
  for (Index k = 0; k < rows.outputs * columns.outputs; ++k) dx[at[k]] = dx[at[k]] + dy[k];
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
/// dx = or += dy / count over each window; dx row-major.
template <class T>
void mean_pool_backward(const PoolWindows& rows, const PoolWindows& columns, const T* dy, T* dx, bool add) noexcept {
  for (Index i = 0; i < rows.inputs * columns.inputs && !add; ++i) dx[i] = T(0);
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
