// Update rules of optimisers: one pass over a parameter, its gradient and its state. And the norm of gradients.
#pragma once

#include <cmath>

#include "tenon/kernel/lanes.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Elements a thread takes at once. Updates are bound by memory: below this a core's own cache holds them.
inline constexpr Index update_grain = Index{1} << 15;

template <class T, class F> [[gnu::noinline]] void for_lanes_on_threads(Index n, F f) noexcept {
  simd::parallel_for(n, update_grain, [&](Index first, Index last) {
    for_line<T>(last - first, [&](auto at) TENON_INLINE_LAMBDA {
      at.i += first;
      f(at);
    });
  });
}
/// f(lanes) for lanes that cover [0, n), on several threads when that pays; each element is computed from its own.
/// What f holds stays in registers when there is one block: through memory it costs small parameters more than the work.
template <class T, class F> TENON_ALWAYS_INLINE void for_lanes(Index n, F f) noexcept {
  if (n <= update_grain) for_line<T>(n, f);
  else for_lanes_on_threads<T>(n, f);
}

template <class T> struct SgdStep {
  T learning_rate, momentum, weight_decay;
  bool nesterov;
};
/// g += weight_decay w;  v = momentum v + g;  w -= learning_rate (nesterov ? g + momentum v : v).
/// Pre:  w, g and v hold n elements of their own; v is null when there is no momentum
/// Cost: reads w, g and v once, writes w and v once
template <class T> void sgd_update(Index n, T* w, const T* g, T* v, const SgdStep<T>& s) noexcept {
  using B = simd::Batch<T>;
  const B rate(s.learning_rate), momentum(s.momentum), decay(s.weight_decay);
  if (v == nullptr)
    return for_lanes<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
      const B wi = at.load(w);
      at.store(w, wi - rate * (at.load(g) + decay * wi));
    });
  const bool nesterov = s.nesterov;
  for_lanes<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
    const B wi = at.load(w), vi = momentum * at.load(v) + (at.load(g) + decay * wi);
    at.store(v, vi);
    at.store(w, wi - rate * (nesterov ? (at.load(g) + decay * wi) + momentum * vi : vi));
  });
}

template <class T> struct AdamStep {
  T step_size;     ///< learning rate / (1 - beta1^t)
  T beta1, rest1;  ///< and 1 - beta1, which floats would round to few digits
  T beta2, rest2;
  T root_scale;  ///< 1 / sqrt(1 - beta2^t)
  T epsilon;
  T keep;          ///< w is multiplied by this first: decoupled weight decay; else 1
  T weight_decay;  ///< g += weight_decay w: decay as part of the gradient; else 0
};
/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  w -= step_size m / (sqrt(v) root_scale + epsilon).
/// Pre:  w, g, m and v hold n elements of their own
/// Cost: reads w, g, m and v once, writes w, m and v once
template <class T> void adam_update(Index n, T* w, const T* g, T* m, T* v, const AdamStep<T>& s) noexcept {
  using B = simd::Batch<T>;
  const B step(s.step_size), b1(s.beta1), b2(s.beta2), c1(s.rest1), c2(s.rest2), root(s.root_scale), epsilon(s.epsilon),
      keep(s.keep), decay(s.weight_decay);
  for_lanes<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
    const B wi = at.load(w), gi = at.load(g) + decay * wi;
    const B mi = b1 * at.load(m) + c1 * gi;
    const B vi = b2 * at.load(v) + c2 * (gi * gi);
    at.store(m, mi);
    at.store(v, vi);
    at.store(w, keep * wi - step * mi / (sqrt(vi) * root + epsilon));
  });
}

/// Sum of g^2, in double whatever T, so that it neither overflows nor depends much on order.
template <class T> double sum_of_squares(Index n, const T* g) noexcept {
  double part[8] = {};
  Index i = 0;
  for (; i + 8 <= n; i += 8)
    for (Index j = 0; j < 8; ++j) part[j] += static_cast<double>(g[i + j]) * static_cast<double>(g[i + j]);
  for (; i < n; ++i) part[0] += static_cast<double>(g[i]) * static_cast<double>(g[i]);
  return ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
}
/// g *= factor.
template <class T> void scale(Index n, T* g, T factor) noexcept {
  const simd::Batch<T> f(factor);
  for_lanes<T>(n, [=](auto at) TENON_INLINE_LAMBDA { at.store(g, at.load(g) * f); });
}

}  // namespace tenon::inline TENON_ABI::kernel
