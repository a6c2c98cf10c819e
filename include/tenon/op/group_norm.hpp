// group_norm(x, weight, bias, groups)
#pragma once

#include "tenon/op/batch_norm.hpp"

namespace tenon::inline TENON_ABI {

/// y = (x - mean) / sqrt(variance + epsilon) weight + bias with the mean and variance (divided by the count) of each group
/// of channels of each image; weight and bias are a number a channel: group_norm(x, weight, bias, 8). As many groups as
/// channels make it an instance norm, one group a layer norm of images.
/// Shapes:     x (n, c, ...), weight (c), bias (c) -> (n, c, ...)
/// Derivative: with s, h as in batch_norm and g = dy weight, means over a group: dx = s (g - mean(g) - h mean(g h)),
///             dweight = sum(dy h), dbias = sum(dy) over images and positions
/// Accuracy:   8 ulp of (|x| + |mean|) s |weight| + |bias|
/// Saves:      two numbers a group and image
/// Cost:       x is read from memory once each way when a group of an image fits into the second cache
/// Throws:     ShapeError when a vector is not of x's channels, or these do not split into the groups; ValueError for a
///             negative epsilon
/// Source:     Wu, He, Group normalization, ECCV 2018, arXiv 1803.08494
struct GroupNorm {
  static constexpr std::string_view name = "group_norm";
  static constexpr bool dense_operands = true;
  double epsilon;
  Index groups;

  template <class S, class... V> S shape(Loc at, const S& x, const V&...) const {
    if (groups < 1 || x[1] % groups != 0) [[unlikely]]
      throw ShapeError(at,
                       "tenon::group_norm: the channels of x of shape " + to_string(x) + " do not split into " +
                           std::to_string(groups) + " groups",
                       "give channels that are a multiple of the groups");
    return x;
  }
  template <class X, class... V> Index saved_bytes(X x, V...) const {
    return 2 * x.extent[0] * groups * static_cast<Index>(sizeof(*x.data));
  }
  template <class Y, class X, class W, class B> void forward(std::byte* saved, Y y, X x, W weight, B bias) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const auto s = detail::planes_of(x.extent);
    T* mean = reinterpret_cast<T*>(saved);
    kernel::ChannelNorm<T>::forward_groups(s, groups, x.data, weight.data, bias.data, static_cast<primal_t<T>>(epsilon),
                                           y.data, mean, mean + s.images * groups);
  }
  template <class Y, class DY, class X, class W, class B, class DX, class DW, class DB>
  void backward(const std::byte* saved, Y, DY dy, X x, W weight, B, DX dx, DW dweight, DB dbias) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    const auto s = detail::planes_of(x.extent);
    const T* mean = reinterpret_cast<const T*>(saved);
    const Index planes = s.images * s.channels;
    const memory::Scratch scratch(2 * planes * static_cast<Index>(sizeof(T)));
    T* sums = reinterpret_cast<T*>(scratch.bytes());
    kernel::ChannelNorm<T>::backward_groups(s, groups, x.data, dy.data, weight.data, mean, mean + s.images * groups,
                                            dx.data, dx.mode, sums, sums + planes);
    add_images<T>(s, sums + planes, dweight);
    add_images<T>(s, sums, dbias);
  }

 private:
  /// to (+)= the sums over images of from (images, channels).
  template <class T, class G> static void add_images(kernel::Planes s, const T* from, const G& to) {
    for (Index k = 0; k < s.channels && to; ++k) {
      typename kernel::GatheredIn<T>::type sum{};
      for (Index i = 0; i < s.images; ++i) sum = sum + from[i * s.channels + k];
      kernel::put(to.data[k], T(sum), to.mode);
    }
  }
};
template <tensor_like X, tensor_like W, tensor_like B>
auto group_norm(X&& x, W&& weight, B&& bias, Index groups, NormOptions options = {}, Loc at = Loc::current()) {
  return detail::channel_norm(GroupNorm{options.epsilon, groups}, at, std::forward<X>(x), std::forward<W>(weight),
                              std::forward<B>(bias));
}

}  // namespace tenon::inline TENON_ABI
