// Softmax cross-entropy over the rows of a matrix of logits.
#pragma once

#include "tenon/kernel/softmax.hpp"
#include "tenon/simd/parallel.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// The first row whose label is outside [0, classes), or -1.
template <class I> Index first_bad_label(Span<const I, 1> label, Index classes) noexcept {
  for (Index i = 0; i < label.extent[0]; ++i)
    if (const auto c = static_cast<Index>(label(i)); c < 0 || c >= classes) return i;
  return -1;
}

/// Rows a thread takes at once: some 2^14 exponentials, long against the start of a thread.
inline Index cross_entropy_grain(Index classes) noexcept { return 1 + (Index{1} << 14) / (classes + 1); }

/// log_sum[i] = logsumexp(x[i]); returns the mean of log_sum[i] - x[i][label[i]], NaN for no rows.
/// Pre:  labels are in [0, columns); log_sum holds a number a row
/// Cost: one pass over each row, which stays in cache: its largest element, then one exp an element
template <class T, class I> T cross_entropy(Span<const T, 2> x, Span<const I, 1> label, T* log_sum) noexcept {
  const Index n = x.extent[0], k = x.extent[1];
  simd::parallel_for(n, cross_entropy_grain(k), [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) log_sum[i] = line_logsumexp(k, x.data + i * x.stride[0], x.stride[1]);
  });
  using Wide = std::conditional_t<std::is_same_v<T, float>, double, T>;  // so that the order of rows hardly matters
  Wide sum(0);
  for (Index i = 0; i < n; ++i) sum = sum + static_cast<Wide>(log_sum[i] - x(i, static_cast<Index>(label(i))));
  return static_cast<T>(sum / Wide(n));
}

/// dx[i] (+)= g exp(x[i] - log_sum): one row.
template <class T>
void softmax_row(Index n, const T* x, Index sx, T log_sum, T g, T* dx, Index sdx, Write mode) noexcept {
  if constexpr (has_lanes<T>) {
    using B = simd::Batch<T>;
    if (sx == 1 && sdx == 1) {
      const B shift(log_sum), scale(g);
      auto at = [&](B xi) { return exp(xi - shift) * scale; };
      Index i = 0;
      for (; i + B::size <= n; i += B::size) {
        const B d = at(B::load(x + i));
        (mode == Write::add ? B::load(dx + i) + d : d).store(dx + i);
      }
      if (i < n) {
        const B d = at(B::load_partial(x + i, n - i));
        (mode == Write::add ? B::load_partial(dx + i, n - i) + d : d).store_partial(dx + i, n - i);
      }
      return;
    }
  }
  using std::exp;
  for (Index i = 0; i < n; ++i) {
    const T d = exp(x[i * sx] - log_sum) * g;
    dx[i * sdx] = mode == Write::add ? dx[i * sdx] + d : d;
  }
}

/// dx[i] (+)= g (softmax(x[i]) - onehot(label[i])).
/// Pre:  as cross_entropy, whose log_sum this is
/// Cost: reads x once, writes dx once; one exp an element
template <class T, class I>
void cross_entropy_backward(Span<const T, 2> x, Span<const I, 1> label, const T* log_sum, T g, Span<T, 2> dx,
                            Write mode) noexcept {
  const Index k = x.extent[1];
  simd::parallel_for(x.extent[0], cross_entropy_grain(k), [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      softmax_row(k, x.data + i * x.stride[0], x.stride[1], log_sum[i], g, dx.data + i * dx.stride[0], dx.stride[1],
                  mode);
      T& hit = dx(i, static_cast<Index>(label(i)));
      hit = hit - g;
    }
  });
}

}  // namespace tenon::inline TENON_ABI::kernel
