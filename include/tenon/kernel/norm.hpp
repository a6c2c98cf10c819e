// Layer norm and root-mean-square norm of rows: y = (x - mean) scale weight + bias with
// scale = 1 / sqrt(variance + epsilon).
//
// Norm<true> subtracts the mean and adds a bias; Norm<false> does neither, its "variance" is the mean of x^2. Backward
// takes four rows at a time, so that weight and the sums of its gradient pass through registers once for all of them.
#pragma once

#include <cmath>

#include "tenon/base/dual.hpp"
#include "tenon/kernel/lanes.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// What forward leaves of each row for backward. `mean` is null for Norm<false>.
template <class T> struct RowMoments { T *mean, *scale; };

/// Rows whose sums of weight gradients are kept apart, then added: results do not depend on threads, and a sum over
/// many rows loses few digits.
inline constexpr Index norm_block_rows = 128;
inline Index norm_blocks(Index rows) noexcept { return (rows + norm_block_rows - 1) / norm_block_rows; }

template <bool Centred, class T> struct Norm {
  using Number = primal_t<T>;
  static constexpr Index sums_per_column = Centred ? 2 : 1;
  /// Elements of scratch for backward.
  static Index scratch_size(Index rows, Index n) noexcept { return sums_per_column * norm_blocks(rows) * n; }

  /// y (rows, n) of x (rows, n); weight and bias hold n elements.
  /// Pre:  all without gaps; x == y is allowed; bias is null for Norm<false>
  /// Cost: reads x and writes y once, a row in L1 is read three times
  static void forward(Index rows, Index n, const T* x, const T* weight, const T* bias, Number epsilon, T* y,
                      RowMoments<T> m) noexcept {
    simd::parallel_for(rows, line_grain(n), [=](Index first, Index last) {
      for (Index i = first; i < last; ++i) {
        const T* xi = x + i * n;
        const T mean =
            Centred ? sum_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { return at.load(xi); }) / Number(n) : T(0);
        const T squares = sum_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
          __builtin_prefetch(xi + n + at.i);  // the next row, while this one is in L1
          __builtin_prefetch(y + (i + 1) * n + at.i, 1);
          return square(at.load(xi) - mean);
        });
        using std::sqrt;
        const T scale = T(1) / sqrt(squares / T(Number(n)) + T(epsilon));
        if constexpr (Centred) m.mean[i] = mean;
        m.scale[i] = scale;
        write_row(n, xi, mean, scale, weight, bias, y + i * n);
      }
    });
  }

  /// dx (+)= the gradient of x, unless null; sums for weight and bias into `parts`, scratch_size elements.
  /// Cost: reads x and dy once, writes dx once
  static void backward(Index rows, Index n, const T* x, const T* dy, const T* weight, RowMoments<T> m, T* dx,
                       Write mode, T* parts) noexcept {
    const Index grain = 1 + (Index{1} << 14) / (norm_block_rows * n + 1);
    simd::parallel_for(norm_blocks(rows), grain, [=](Index first, Index last) {
      for (Index b = first; b < last; ++b) {
        T* dw = parts + sums_per_column * b * n;
        for (Index j = 0; j < sums_per_column * n; ++j) dw[j] = T(0);
        Index i = b * norm_block_rows;
        const Index end = i + norm_block_rows < rows ? i + norm_block_rows : rows;
        for (; i + 4 <= end; i += 4) backward_rows<4>(i, n, x, dy, weight, m, dx, mode, dw);
        for (; i < end; ++i) backward_rows<1>(i, n, x, dy, weight, m, dx, mode, dw);
      }
    });
  }
  /// to (+)= the sums that backward left in `parts`: of the weight (`which` 0) or the bias (1).
  static void add_parts(Index rows, Index n, const T* parts, Index which, T* to, Write mode) noexcept {
    for (Index b = 0; b < norm_blocks(rows); ++b)
      for (Index j = 0; j < n; ++j)
        put(to[j], parts[(sums_per_column * b + which) * n + j], b == 0 ? mode : Write::add);
    if (rows == 0 && mode == Write::store)
      for (Index j = 0; j < n; ++j) to[j] = T(0);
  }

 private:
  template <class X> TENON_ALWAYS_INLINE static X square(X x) { return x * x; }
  TENON_ALWAYS_INLINE static void write_row(Index n, const T* x, T mean, T scale, const T* weight, const T* bias,
                                            T* y) {
    for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
      const auto h = (at.load(x) - mean) * scale * at.load(weight);
      if constexpr (Centred) at.store(y, h + at.load(bias));
      else at.store(y, h);
    });
  }
  /// With g = dy weight and h = (x - mean) scale: dx = scale (g - mean(g) - h mean(g h)); dweight += dy h, dbias += dy.
  template <int R>
  static void backward_rows(Index first, Index n, const T* x, const T* dy, const T* weight, RowMoments<T> m, T* dx,
                            Write mode, T* dw) noexcept {
    using V = lanes_t<T>;
    V mean[R], scale[R], g_sum[R], gh_sum[R];
    for (int r = 0; r < R; ++r) {
      mean[r] = V(Centred ? m.mean[first + r] : T(0)), scale[r] = V(m.scale[first + r]);
      g_sum[r] = gh_sum[r] = V(T(0));
    }
    x += first * n, dy += first * n;
    for_line<T>(n, [&](auto at) TENON_INLINE_LAMBDA {
      const V w = at.load(weight);
      V dw_sum(T(0)), db_sum(T(0));
      for (int r = 0; r < R; ++r) {
        const V h = (at.load(x + r * n) - mean[r]) * scale[r], d = at.load(dy + r * n), g = d * w;  // 0 behind the row
        g_sum[r] = g_sum[r] + g;
        gh_sum[r] = gh_sum[r] + g * h;
        dw_sum = dw_sum + d * h;
        db_sum = db_sum + d;
      }
      at.store(dw, at.load(dw) + dw_sum);
      if constexpr (Centred) at.store(dw + n, at.load(dw + n) + db_sum);
    });
    if (dx == nullptr) return;
    V shift[R], slope[R];
    for (int r = 0; r < R; ++r) {
      shift[r] = V(Centred ? total(g_sum[r]) / Number(n) : T(0)) * scale[r];
      slope[r] = V(total(gh_sum[r]) / Number(n)) * scale[r] * scale[r];
    }
    dx += first * n;
    // The next rows, when they are short: then the processor has hardly seen the streams when they end.
    const Index ahead = n * static_cast<Index>(sizeof(T)) <= 1024 ? R * n : 0;
    for_line<T>(n, [&](auto at) TENON_INLINE_LAMBDA {
      const V w = at.load(weight);
      for (int r = 0; r < R; ++r) {
        __builtin_prefetch(x + ahead + r * n + at.i);
        __builtin_prefetch(dy + ahead + r * n + at.i);
        __builtin_prefetch(dx + ahead + r * n + at.i, 1);
        const V g = at.load(dy + r * n) * w, centred = at.load(x + r * n) - mean[r];
        const V d = g * scale[r] - shift[r] - centred * slope[r];
        at.store(dx + r * n, mode == Write::add ? at.load(dx + r * n) + d : d);
      }
    });
  }
  static T total(const T& x) { return x; }
  template <class V>
  requires(!std::is_same_v<V, T>) static T total(const V& x) { return reduce_add(x); }
};

}  // namespace tenon::inline TENON_ABI::kernel
