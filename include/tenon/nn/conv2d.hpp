// Conv2d: y = conv2d(x, weight, options) + bias
#pragma once

#include "tenon/nn/init.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/conv2d.hpp"
#include "tenon/tensor/rearrange.hpp"

namespace tenon::inline TENON_ABI::nn {

/// Of filters (out, in / groups, rows, columns).
template <class T, Index Out, Index In, Index H, Index W> Fan fan_of(const Parameter<T, Out, In, H, W>& weight) {
  const auto s = weight.shape();
  return {s[1] * s[2] * s[3], s[0] * s[2] * s[3]};
}

/// y = conv2d(x, weight, options) + bias of each filter, lazily: what follows (an activation) runs on y in cache.
///   tn::nn::Conv2d<1, 32, 3> first;    tn::nn::Conv2d<32, 64, 3> second{{.stride = 2, .padding = 1}};
/// Shapes: x (n, in, h, w) -> y (n, out, p, q) as conv2d; weight (out, in / groups, kernel, kernel), bias (out)
/// Init:   weight and bias from U(-b, b), b = 1 / sqrt(in / groups kernel kernel), as PyTorch's; zeros before that
/// Throws: ShapeError when x has other channels (known ones that clash do not compile) or is too small, and when the
///         options name other groups than the type
template <Index In, Index Out, Index Kernel, class T = float, Index Groups = 1> struct Conv2d {
  static_assert(In % Groups == 0 && Out % Groups == 0, "tenon::nn::Conv2d: the channels do not split into the groups");
  Parameter<T, Out, In / Groups, Kernel, Kernel> weight;
  Parameter<T, Out> bias;
  Conv2dOptions options;

  Conv2d(const Conv2dOptions& given = {}, Loc at = Loc::current()) : options(given) {
    if (given.groups != 1 && given.groups != Groups)
      throw ShapeError(at, "tenon::nn::Conv2d: the options name " + std::to_string(given.groups) +
                               " groups but the type " + std::to_string(Groups));
    options.groups = Groups;
  }
  auto operator()(const auto& x) const { return conv2d(x, weight, options) + reshape<Out, 1, 1>(bias); }
  void initialize(Rng& rng) {
    const double b = 1 / std::sqrt(detail::at_least_one(fan_of(weight).in));
    uniform(weight, rng, -b, b);
    uniform(bias, rng, -b, b);
  }
  void members(auto&& visit) {
    visit("weight", weight);
    visit("bias", bias);
  }
};

}  // namespace tenon::inline TENON_ABI::nn
