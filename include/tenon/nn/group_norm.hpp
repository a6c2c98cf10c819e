// GroupNorm: groups of an image's channels brought to one scale.
#pragma once

#include "tenon/nn/init.hpp"
#include "tenon/op/group_norm.hpp"

namespace tenon::inline TENON_ABI::nn {

/// y = group_norm(x, weight, bias, Groups); see tenon::group_norm.
///   tn::nn::GroupNorm<8, 32> norm;    tn::nn::GroupNorm<8, dyn> sized(channels);
/// Shapes: x (n, channels, ...) -> (n, channels, ...); weight, bias (channels)
/// Init:   weight 1, bias 0, from the start
/// Throws: ShapeError when the channels do not split into the groups, or x has others
template <Index Groups, Index Channels, class T = float> struct GroupNorm {
  static_assert(Groups > 0 && (Channels == dyn || Channels % Groups == 0),
                "tenon::nn::GroupNorm: the channels do not split into the groups");
  Parameter<T, Channels> weight, bias;
  double epsilon;

  GroupNorm(NormOptions options = {}, Loc at = Loc::current()) requires(Channels != dyn)
      : GroupNorm(Shape<Channels>{}, options, at) {}
  /// Throws ShapeError for a negative size, one that is not the type's, or one that does not split.
  explicit GroupNorm(Index channels, NormOptions options = {}, Loc at = Loc::current())
      : GroupNorm(Shape<Channels>({channels}, at), options, at) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  GroupNorm(const GroupNorm& other, auto&& twin)
      : weight(twin(other.weight)), bias(twin(other.bias)), epsilon(other.epsilon) {}

  auto operator()(const auto& x, Loc at = Loc::current()) const {
    return group_norm(x, weight, bias, Groups, {.epsilon = epsilon}, at);
  }
  void initialize(Rng&) { constant(weight, 1), zeros(bias); }
  void members(auto&& visit) {
    visit("weight", weight);
    visit("bias", bias);
  }

 private:
  GroupNorm(const Shape<Channels>& shape, NormOptions options, Loc at)
      : weight(detail::filled<T>(shape, 1, at)), bias(detail::filled<T>(shape, 0, at)), epsilon(options.epsilon) {
    if (shape[0] % Groups != 0)
      throw ShapeError(at,
                       "tenon::nn::GroupNorm: " + std::to_string(shape[0]) + " channels do not split into " +
                           std::to_string(Groups) + " groups",
                       "give channels that are a multiple of the groups");
  }
};

}  // namespace tenon::inline TENON_ABI::nn
