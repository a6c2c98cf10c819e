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

namespace detail {
/// The part of `channels` that a filter of one group has. Throws ShapeError when in or out do not split into groups.
inline Index group_share(const char* module, Index in, Index out, Index groups, Index channels, Loc at) {
  if (groups < 1 || in % groups != 0 || out % groups != 0)
    throw ShapeError(at,
                     std::string("tenon::nn::") + module + ": " + std::to_string(in) + " and " + std::to_string(out) +
                         " channels do not split into " + std::to_string(groups) + " groups",
                     "give channels that are a multiple of the groups");
  return channels / groups;
}
}  // namespace detail

/// y = conv2d(x, weight, options) + bias of each filter, lazily: what follows (an activation) runs on y in cache.
///   tn::nn::Conv2d<1, 32, 3> first;    tn::nn::Conv2d<32, 64, 3> second{{.stride = 2, .padding = 1}};
/// Sizes:  in the type, or dyn: Conv2d<dyn, dyn, 3>(in, out, {.padding = 1}); then the options name the groups
/// Shapes: x (n, in, h, w) -> y (n, out, p, q) as conv2d; weight (out, in / groups, kernel, kernel), bias (out)
/// Init:   weight and bias from U(-b, b), b = 1 / sqrt(in / groups kernel kernel), as PyTorch's; zeros before that
/// Throws: ShapeError when x has other channels (known ones that clash do not compile) or is too small, and when the
///         options name other groups than the type
template <Index In, Index Out, Index Kernel, class T = float, Index Groups = 1> struct Conv2d {
  static constexpr bool sized = In != dyn && Out != dyn;
  static_assert(!sized || (In % Groups == 0 && Out % Groups == 0),
                "tenon::nn::Conv2d: the channels do not split into the groups");
  Parameter<T, Out, In == dyn ? dyn : In / Groups, Kernel, Kernel> weight;
  Parameter<T, Out> bias;
  Conv2dOptions options;

  Conv2d(const Conv2dOptions& given = {}, Loc at = Loc::current()) requires(sized) : options(given) {
    if (given.groups != 1 && given.groups != Groups)
      throw ShapeError(at,
                       "tenon::nn::Conv2d: the options name " + std::to_string(given.groups) + " groups but the type " +
                           std::to_string(Groups),
                       "leave groups out of the options, or out of the type");
    options.groups = Groups;
  }
  /// Throws ShapeError for a negative size, one that is not the type's, or one that does not split into the groups.
  Conv2d(Index in, Index out, const Conv2dOptions& given = {}, Loc at = Loc::current())
      : weight(detail::filled<T>(
            Shape < Out, In == dyn ? dyn : In / Groups, Kernel,
            Kernel > ({out, detail::group_share("Conv2d", in, out, given.groups, in, at), Kernel, Kernel}, at), 0, at)),
        bias(detail::filled<T>(Shape<Out>({out}, at), 0, at)),
        options(given) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  Conv2d(const Conv2d& other, auto&& twin)
      : weight(twin(other.weight)), bias(twin(other.bias)), options(other.options) {}
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
