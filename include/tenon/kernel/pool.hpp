// Pooling: the largest element, or the mean, of windows that slide over each plane of an image.
#pragma once

#include <array>
#include <cstdint>

#include "tenon/base/dual.hpp"
#include "tenon/shape/span.hpp"

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

/// y(p, q) = the largest element of window (p, q), `at` its row-major position in x; the first of equal ones, NaN where
/// there is one (the last of them).
/// Pre:  each window holds an element; y and `at` are row-major; x has fewer than 2^31 elements
template <class T>
void max_pool(const PoolWindows& rows, const PoolWindows& columns, Matrix<const T> x, T* y, std::int32_t* at) noexcept {
  for (Index p = 0; p < rows.outputs; ++p) {
    const auto [top, bottom] = rows.of(p);
    for (Index q = 0; q < columns.outputs; ++q) {
      const auto [left, right] = columns.of(q);
      T best = x(top, left);
      Index found = top * columns.inputs + left;
      for (Index i = top; i < bottom; ++i)
        for (Index j = left; j < right; ++j) {
          const T v = x(i, j);
          const bool better = v > best || v != v;
          best = better ? v : best;
          found = better ? i * columns.inputs + j : found;
        }
      *y++ = best;
      *at++ = static_cast<std::int32_t>(found);
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
