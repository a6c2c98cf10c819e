// ConvTranspose2d: y = conv_transpose2d(x, weight, options) + bias
#pragma once

#include "tenon/nn/conv2d.hpp"
#include "tenon/op/conv_transpose2d.hpp"

namespace tenon::inline TENON_ABI::nn {

/// y = conv_transpose2d(x, weight, options) + bias of each filter.
///   tn::nn::ConvTranspose2d<64, 32, 4> up{{.stride = 2, .padding = 1}};    // twice as high and wide
/// Sizes:  in the type, or dyn: ConvTranspose2d<dyn, dyn, 4>(in, out, {.stride = 2}); then the options name the groups
/// Shapes: x (n, in, h, w) -> y (n, out, p, q) as conv_transpose2d; weight (in, out / groups, kernel, kernel), bias (out)
/// Init:   weight and bias from U(-b, b), b = 1 / sqrt(out / groups kernel kernel), as PyTorch's; zeros before that
/// Throws: ShapeError as conv_transpose2d; when the channels do not split into the groups, or the options name other
///         groups than the type
template <Index In, Index Out, Index Kernel, class T = float, Index Groups = 1> struct ConvTranspose2d {
  static constexpr Index own = Out == dyn ? dyn : Out / Groups;
  Parameter<T, In, own, Kernel, Kernel> weight;
  Parameter<T, Out> bias;
  ConvTranspose2dOptions options;

  ConvTranspose2d(const ConvTranspose2dOptions& given = {}, Loc at = Loc::current()) requires(In != dyn && Out != dyn)
      : ConvTranspose2d(In, Out, with_groups(given), at) {}
  ConvTranspose2d(Index in, Index out, const ConvTranspose2dOptions& given = {}, Loc at = Loc::current())
      : weight(detail::filled<T>(
            Shape<In, own, Kernel, Kernel>(
                {in, detail::group_share("ConvTranspose2d", in, out, given.groups, out, at), Kernel, Kernel}, at),
            0, at)),
        bias(detail::filled<T>(Shape<Out>({out}, at), 0, at)),
        options(given) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  ConvTranspose2d(const ConvTranspose2d& other, auto&& twin)
      : weight(twin(other.weight)), bias(twin(other.bias)), options(other.options) {}
  auto operator()(const auto& x) const { return conv_transpose2d(x, weight, options) + reshape<Out, 1, 1>(bias); }
  void initialize(Rng& rng) {
    const double b = 1 / std::sqrt(detail::at_least_one(weight.shape()[1] * Kernel * Kernel));
    uniform(weight, rng, -b, b);
    uniform(bias, rng, -b, b);
  }
  void members(auto&& visit) {
    visit("weight", weight);
    visit("bias", bias);
  }

 private:
  static ConvTranspose2dOptions with_groups(ConvTranspose2dOptions o) {
    if (o.groups == 1) o.groups = Groups;
    return o;
  }
};

}  // namespace tenon::inline TENON_ABI::nn
