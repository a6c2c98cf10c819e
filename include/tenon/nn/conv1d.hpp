// Conv1d: y = conv1d(x, weight, options) + bias
#pragma once

#include "tenon/nn/conv2d.hpp"
#include "tenon/op/conv1d.hpp"

namespace tenon::inline TENON_ABI::nn {

/// y = conv1d(x, weight, options) + bias of each filter, lazily: what follows (an activation) runs on y in cache.
///   tn::nn::Conv1d<16, 32, 5> layer{{.padding = 2}};    tn::nn::Conv1d<dyn, dyn, 5> sized(in, out, {.groups = 2});
/// Sizes:  in the type, or dyn; the groups are the options'
/// Shapes: x (n, in, length) -> y (n, out, q) as conv1d; weight (out, in / groups, kernel), bias (out)
/// Init:   weight and bias from U(-b, b), b = 1 / sqrt(in / groups kernel), as PyTorch's; zeros before that
/// Throws: ShapeError when x has other channels (known ones that clash do not compile) or is too short; when the
///         channels do not split into the groups, or the options name other groups than the type
template <Index In, Index Out, Index Kernel, class T = float, Index Groups = 1> struct Conv1d {
  static constexpr Index own = In == dyn ? dyn : In / Groups;
  Parameter<T, Out, own, Kernel> weight;
  Parameter<T, Out> bias;
  Conv1dOptions options;

  Conv1d(const Conv1dOptions& given = {}, Loc at = Loc::current()) requires(In != dyn && Out != dyn)
      : Conv1d(In, Out, with_groups(given), at) {}
  Conv1d(Index in, Index out, const Conv1dOptions& given = {}, Loc at = Loc::current())
      : weight(detail::filled<T>(
            Shape<Out, own, Kernel>({out, detail::group_share("Conv1d", in, out, given.groups, in, at), Kernel}, at), 0,
            at)),
        bias(detail::filled<T>(Shape<Out>({out}, at), 0, at)),
        options(given) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  Conv1d(const Conv1d& other, auto&& twin)
      : weight(twin(other.weight)), bias(twin(other.bias)), options(other.options) {}
  auto operator()(const auto& x) const { return conv1d(x, weight, options) + reshape<Out, 1>(bias); }
  void initialize(Rng& rng) {
    const double b = 1 / std::sqrt(detail::at_least_one(weight.shape()[1] * Kernel));
    uniform(weight, rng, -b, b);
    uniform(bias, rng, -b, b);
  }
  void members(auto&& visit) {
    visit("weight", weight);
    visit("bias", bias);
  }

 private:
  static Conv1dOptions with_groups(Conv1dOptions o) {
    if (o.groups == 1) o.groups = Groups;
    return o;
  }
};

}  // namespace tenon::inline TENON_ABI::nn
