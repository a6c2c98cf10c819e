// batch_norm(x, weight, bias), batch_norm(x, weight, bias, mean, variance)
#pragma once

#include "tenon/kernel/channel_norm.hpp"
#include "tenon/op/layer_norm.hpp"

namespace tenon::inline TENON_ABI {

namespace detail {

/// x (n, c, ...) as planes.
template <class E> kernel::Planes planes_of(const E& extent) {
  kernel::Planes p{extent[0], extent[1], 1};
  for (std::size_t d = 2; d < extent.size(); ++d) p.inner *= extent[d];
  return p;
}
template <class X, class V> void check_channel_vector(std::string_view op, const X& x, const V& v, Loc at) {
  static_assert(X::rank >= 2 && V::rank == 1, "tenon: a norm of channels takes x (n, c, ...) and vectors (c)");
  constexpr bool fits = may_equal(X::pattern[1], V::pattern[0]);
  if constexpr (!fits) (void)sizeof(shapes_do_not_match<X, V>);
  static_assert(fits,
                "tenon: a norm's weight, bias and statistics have an element for each channel of x; both shapes stand "
                "in shapes_do_not_match<...> above");
  if (x[1] != v[0]) [[unlikely]]
    throw ShapeError(at,
                     "tenon::" + std::string(op) + ": x of shape " + to_string(x) + " has " + std::to_string(x[1]) +
                         " channels but weight, bias or a statistic has shape " + to_string(v),
                     "give vectors with an element for each channel");
}
/// y = Op of x and vectors, one number a channel each.
template <class Op, class X, class... V> auto channel_norm(const Op& op, Loc at, X&& x, V&&... vectors) {
  using T = common_dtype_t<dtype_of_t<X>, dtype_of_t<V>...>;
  static_assert(std::is_floating_point_v<primal_t<T>>,
                "tenon: norms are of float or double, the same for x, weight and bias; write cast<float>(x)");
  (check_channel_vector(Op::name, x.shape(), vectors.shape(), at), ...);
  if (!(op.epsilon >= 0)) [[unlikely]]
    throw ValueError(at, "tenon::" + std::string(Op::name) + ": epsilon is " + std::to_string(op.epsilon),
                     "give 0 or more, for example 1e-5");
  return structured(op, at, lift_operand<T>(std::forward<X>(x)), lift_operand<T>(std::forward<V>(vectors))...);
}
/// to = or += from times scale, n elements, when somebody asked.
template <class T, class G> void pass_scaled(Index n, const T* from, const T* scale, const G& to) {
  for (Index k = 0; k < n && to; ++k) kernel::put(to.data[k], scale == nullptr ? from[k] : from[k] * scale[k], to.mode);
}

}  // namespace detail

/// Where backward gathers what forward found of each channel: running = (1 - momentum) running + momentum found, the
/// variance with n - 1 in the denominator. Null cells: nowhere. Pre: the storages outlive the tape and nobody writes
/// them meanwhile (TapeFrame::lend).
struct RunningStatistics {
  memory::Cell *mean = nullptr, *variance = nullptr;
  double momentum = 0;

  template <class T> void gather(Index channels, Index count, const T* batch_mean, const T* batch_variance) const {
    if (mean == nullptr || count < 2) return;
    const auto unbiased = static_cast<double>(count) / static_cast<double>(count - 1);
    move_to(*mean, channels, batch_mean, 1);
    move_to(*variance, channels, batch_variance, unbiased);
  }

 private:
  template <class T> void move_to(memory::Cell& cell, Index n, const T* found, double factor) const {
    T* running = static_cast<T*>(cell.bytes);
    const T keep = T(1 - momentum), take = T(momentum * factor);
    for (Index k = 0; k < n; ++k) running[k] = keep * running[k] + take * found[k];
    cell.grow_version();
  }
};

/// y = (x - mean) / sqrt(variance + epsilon) weight + bias with the mean and variance (divided by the count) of each
/// channel, over all images and positions: batch_norm(x, weight, bias), batch_norm(x, weight, bias, {.epsilon = 1e-3}).
/// As while training in PyTorch; nn::BatchNorm also gathers running statistics.
/// Shapes:     x (n, c, ...), weight (c), bias (c) -> (n, c, ...)
/// Derivative: with s = 1 / sqrt(variance + epsilon), h = (x - mean) s, means over a channel:
///             dx = s weight (dy - mean(dy) - h mean(dy h)), dweight = sum(dy h), dbias = sum(dy)
/// Accuracy:   8 ulp of (|x| + |mean|) s |weight| + |bias|; sums of float are gathered in double, but for x (n, c)
/// Saves:      three numbers a channel
/// Cost:       x is read from memory once each way when a channel fits into the second cache, else twice
/// Throws:     ShapeError when a vector is not of x's channels, and for channels of one element, whose variance is
///             nothing; ValueError for a negative epsilon
/// Source:     Ioffe, Szegedy, Batch normalization, ICML 2015, arXiv 1502.03167
struct BatchNorm {
  static constexpr std::string_view name = "batch_norm";
  static constexpr bool dense_operands = true;
  double epsilon;
  RunningStatistics running{};

  template <class S, class... V> S shape(Loc at, const S& x, const V&...) const {
    if (x.size() == x[1] && x.size() > 0) [[unlikely]]
      throw ShapeError(
          at, "tenon::batch_norm: x of shape " + to_string(x) + " has one element a channel, which has no variance",
          "give two images at least, or the statistics: batch_norm(x, weight, bias, mean, variance)");
    return x;
  }
  template <class X, class... V> Index saved_bytes(X x, V...) const {
    return 3 * x.extent[1] * static_cast<Index>(sizeof(*x.data));
  }
  template <class Y, class X, class W, class B> void forward(std::byte* saved, Y y, X x, W weight, B bias) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const auto s = detail::planes_of(x.extent);
    T* m = reinterpret_cast<T*>(saved);
    kernel::ChannelNorm<T>::forward(s, x.data, weight.data, bias.data, static_cast<primal_t<T>>(epsilon), y.data, m,
                                    m + s.channels, m + 2 * s.channels);
  }
  template <class Y, class DY, class X, class W, class B, class DX, class DW, class DB>
  void backward(const std::byte* saved, Y, DY dy, X x, W weight, B, DX dx, DW dweight, DB dbias) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    const auto s = detail::planes_of(x.extent);
    const T *mean = reinterpret_cast<const T*>(saved), *scale = mean + 2 * s.channels;
    const memory::Scratch scratch(2 * s.channels * static_cast<Index>(sizeof(T)));
    T *sum_dy = reinterpret_cast<T*>(scratch.bytes()), *sum_dyx = sum_dy + s.channels;
    kernel::ChannelNorm<T>::backward(s, x.data, dy.data, weight.data, mean, scale, true, dx.data, dx.mode, sum_dy,
                                     sum_dyx);
    detail::pass_scaled<T>(s.channels, sum_dyx, scale, dweight);
    detail::pass_scaled<T>(s.channels, sum_dy, nullptr, dbias);
    if constexpr (!is_dual_v<T>) running.gather(s.channels, s.count(), mean, mean + s.channels);
  }
};
template <tensor_like X, tensor_like W, tensor_like B>
auto batch_norm(X&& x, W&& weight, B&& bias, NormOptions options = {}, Loc at = Loc::current()) {
  return detail::channel_norm(BatchNorm{options.epsilon}, at, std::forward<X>(x), std::forward<W>(weight),
                              std::forward<B>(bias));
}

/// The same with statistics that are given, as PyTorch's when it does not train:
/// batch_norm(x, weight, bias, running_mean, running_var).
/// Shapes:     mean (c), variance (c), the rest as above
/// Derivative: with s = 1 / sqrt(variance + epsilon): dx = dy s weight, dweight = sum(dy (x - mean)) s,
///             dbias = sum(dy), dmean = -s weight dbias, dvariance = -s^2 weight dweight / 2
/// Saves:      a number a channel
struct BatchNormGiven {
  static constexpr std::string_view name = "batch_norm";
  static constexpr bool dense_operands = true;
  double epsilon;

  template <class S, class... V> S shape(Loc, const S& x, const V&...) const { return x; }
  template <class X, class... V> Index saved_bytes(X x, V...) const {
    return x.extent[1] * static_cast<Index>(sizeof(*x.data));
  }
  template <class Y, class X, class W, class B, class M, class V>
  void forward(std::byte* saved, Y y, X x, W weight, B bias, M mean, V variance) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const auto s = detail::planes_of(x.extent);
    T* scale = reinterpret_cast<T*>(saved);
    for (Index k = 0; k < s.channels; ++k)
      scale[k] = kernel::ChannelNorm<T>::scale_of(variance.data[k], static_cast<primal_t<T>>(epsilon));
    kernel::ChannelNorm<T>::apply(s, x.data, mean.data, scale, weight.data, bias.data, y.data);
  }
  template <class Y, class DY, class X, class W, class B, class M, class V, class DX, class DW, class DB, class DM,
            class DV>
  void backward(const std::byte* saved, Y, DY dy, X x, W weight, B, M mean, V, DX dx, DW dweight, DB dbias, DM dmean,
                DV dvariance) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    const auto s = detail::planes_of(x.extent);
    const T* scale = reinterpret_cast<const T*>(saved);
    const memory::Scratch scratch(2 * s.channels * static_cast<Index>(sizeof(T)));
    T *sum_dy = reinterpret_cast<T*>(scratch.bytes()), *sum_dyx = sum_dy + s.channels;
    kernel::ChannelNorm<T>::backward(s, x.data, dy.data, weight.data, mean.data, scale, false, dx.data, dx.mode, sum_dy,
                                     sum_dyx);
    detail::pass_scaled<T>(s.channels, sum_dyx, scale, dweight);
    detail::pass_scaled<T>(s.channels, sum_dy, nullptr, dbias);
    const primal_t<T> half = primal_t<T>(0.5);
    for (Index k = 0; k < s.channels; ++k) {
      const T slope = weight.data[k] * scale[k];
      if (dmean) kernel::put(dmean.data[k], -(slope * sum_dy[k]), dmean.mode);
      if (dvariance)
        kernel::put(dvariance.data[k], -(slope * scale[k] * scale[k] * sum_dyx[k] * T(half)), dvariance.mode);
    }
  }
};
template <tensor_like X, tensor_like W, tensor_like B, tensor_like M, tensor_like V>
auto batch_norm(X&& x, W&& weight, B&& bias, M&& mean, V&& variance, NormOptions options = {},
                Loc at = Loc::current()) {
  return detail::channel_norm(BatchNormGiven{options.epsilon}, at, std::forward<X>(x), std::forward<W>(weight),
                              std::forward<B>(bias), std::forward<M>(mean), std::forward<V>(variance));
}

}  // namespace tenon::inline TENON_ABI
