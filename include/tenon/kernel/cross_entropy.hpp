// Softmax cross-entropy over the rows of a matrix of logits: against one class a row, or against probabilities.
#pragma once

#include "tenon/kernel/softmax.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Where rows of logits lie: without gaps.
template <class T> struct Rows {
  Index count, length;
  const T* data;
  const T* operator[](Index i) const { return data + i * length; }
};
/// An exponential and its share of the passes around it, in nanoseconds.
inline constexpr Index exp_cost = 2;

/// A class for each row, 0 <= class < length; rows of class `ignored` have no part in the loss. With smoothing s the
/// target is 1 - s at the class, and s / length everywhere besides.
template <class T, class I> struct ClassTarget {
  const I* label;
  Index ignored;
  primal_t<T> smoothing;

  static constexpr bool weighs = false;  ///< the sum of a row's target is 1
  Index of(Index i) const { return static_cast<Index>(label[i]); }
  bool counts(Index i) const { return of(i) != ignored; }
  /// logsumexp(x) - sum(target x).
  T loss(Rows<T> x, Index i, T log_sum, T*) const {
    const T* row = x[i];
    if (smoothing == 0) return log_sum - row[of(i)];
    const T mean = sum_line<T>(x.length, [=](auto at) TENON_INLINE_LAMBDA { return at.load(row); }) / T(length_of(x));
    return log_sum - row[of(i)] + T(smoothing) * (row[of(i)] - mean);
  }
  /// dx (+)= g (softmax(x) - target).
  void backward(Rows<T> x, Index i, T log_sum, T, T g, T* dx, Write mode) const {
    using V = lanes_t<T>;
    using std::exp;
    const T* row = x[i];
    const V shift(log_sum), scale(g), rest(g * T(smoothing) / T(length_of(x)));
    for_line<T>(x.length,
                [=](auto at) TENON_INLINE_LAMBDA { put(at, dx, exp(at.load(row) - shift) * scale - rest, mode); });
    dx[of(i)] = dx[of(i)] - g * T(1 - smoothing);
  }

 private:
  static primal_t<T> length_of(Rows<T> x) { return static_cast<primal_t<T>>(x.length); }
};

/// Probabilities for each row, smoothed likewise: p (1 - s) + s / length.
template <class T> struct ProbabilityTarget {
  const T* p;
  primal_t<T> smoothing;

  static constexpr bool weighs = true;
  bool counts(Index) const { return true; }
  lanes_t<T> smooth(lanes_t<T> q, Index length) const {
    return q * lanes_t<T>(T(1 - smoothing)) + lanes_t<T>(T(smoothing / static_cast<primal_t<T>>(length)));
  }
  T loss(Rows<T> x, Index i, T log_sum, T* weight) const {
    const T *row = x[i], *q = p + i * x.length;
    const Index n = x.length;
    *weight = sum_line<T>(n, [=, this](auto at) TENON_INLINE_LAMBDA { return smooth(at.load(q), n); });
    const lanes_t<T> shift(log_sum);
    return sum_line<T>(
        n, [=, this](auto at) TENON_INLINE_LAMBDA { return smooth(at.load(q), n) * (shift - at.load(row)); });
  }
  void backward(Rows<T> x, Index i, T log_sum, T weight, T g, T* dx, Write mode) const {
    using V = lanes_t<T>;
    using std::exp;
    const T *row = x[i], *q = p + i * x.length;
    const Index n = x.length;
    const V shift(log_sum), scale(g * weight), factor(g);
    for_line<T>(n, [=, this](auto at) TENON_INLINE_LAMBDA {
      put(at, dx, exp(at.load(row) - shift) * scale - smooth(at.load(q), n) * factor, mode);
    });
  }
};

/// What forward leaves of each row for backward; `weight` is null unless the target weighs.
template <class T> struct RowLosses { T *log_sum, *loss, *weight; };

namespace detail {
/// log_sum[i] = logsumexp(x[i]) for rows [first, last), at most 64: their logarithms are taken together.
template <class T> void logsumexp_rows(Rows<T> x, Index first, Index last, T* log_sum) noexcept {
  alignas(64) T most[64], sum[64];
  for (Index i = first; i < last; ++i) {
    most[i - first] = sum[i - first] = T(0);
    if (x.length == 0) continue;
    most[i - first] = line_max(x.length, x[i], 1);
    sum[i - first] = line_exp_sum(x.length, x[i], 1, most[i - first], static_cast<T*>(nullptr), 1);
  }
  for_line<T>(last - first, [&](auto at) TENON_INLINE_LAMBDA {
    using std::log;
    const auto m = at.load(most), y = m + log(at.load(sum));
    if constexpr (has_lanes<T>)  // of all -inf, or one +inf, the differences are NaN
      at.store(log_sum + first, select(abs(m) == simd::Batch<T>(std::numeric_limits<T>::infinity()), m, y));
    else at.store(log_sum + first, y);
  });
}
}  // namespace detail

/// The loss of each row, 0 where it does not count. Returns their sum and the rows that count.
/// Cost: a pass over each row, which stays in cache: its largest element, then one exp an element
template <class T, class Target>
std::pair<T, Index> cross_entropy(Rows<T> x, Target target, RowLosses<T> rows) noexcept {
  simd::parallel_for(x.count, line_grain(x.length, exp_cost), [=](Index first, Index last) {
    for (Index i = first; i < last; i += 64) {
      const Index end = i + 64 < last ? i + 64 : last;
      detail::logsumexp_rows(x, i, end, rows.log_sum);
      for (Index r = i; r < end; ++r) {
        T* weight = Target::weighs ? rows.weight + r : nullptr;
        rows.loss[r] = target.counts(r) ? target.loss(x, r, rows.log_sum[r], weight) : T(0);
      }
    }
  });
  using Wide = std::conditional_t<std::is_same_v<T, float>, double, T>;  // so that the order of rows hardly matters
  Wide sum(0);
  Index count = 0;
  for (Index i = 0; i < x.count; ++i) {
    sum = sum + static_cast<Wide>(rows.loss[i]);
    count += target.counts(i);
  }
  return {static_cast<T>(sum), count};
}

/// dx[i] (+)= g(i) (softmax(x[i]) weight - target), 0 for rows that do not count.
/// Cost: reads x once, writes dx once; one exp an element
template <class T, class Target, class G>
void cross_entropy_backward(Rows<T> x, Target target, RowLosses<const T> rows, G g, T* dx, Write mode) noexcept {
  simd::parallel_for(x.count, line_grain(x.length, exp_cost), [=](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      T* to = dx + i * x.length;
      if (target.counts(i)) {
        target.backward(x, i, rows.log_sum[i], Target::weighs ? rows.weight[i] : T(1), g(i), to, mode);
      } else if (mode == Write::store) {
        for (Index j = 0; j < x.length; ++j) to[j] = T(0);
      }
    }
  });
}

}  // namespace tenon::inline TENON_ABI::kernel
