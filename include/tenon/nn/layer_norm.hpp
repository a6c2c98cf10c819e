// LayerNorm and RMSNorm: rows brought to one scale, then to a learnt one.
#pragma once

#include "tenon/nn/init.hpp"
#include "tenon/op/layer_norm.hpp"

namespace tenon::inline TENON_ABI::nn {

/// y = layer_norm(x, weight, bias) over the last dimension; see tenon::layer_norm.
/// Shapes: x (..., dim) -> (..., dim); weight (dim), bias (dim)
/// Sizes:  in the type, or dyn: LayerNorm<dyn>(dim)
/// Init:   weight 1, bias 0, from the start
/// Throws: ShapeError when the last extent of x is not `dim`
template <Index Dim, class T = float> struct LayerNorm {
  Parameter<T, Dim> weight{detail::filled<T>(Shape<Dim>{}, 1)};
  Parameter<T, Dim> bias;
  double epsilon = 1e-5;

  auto operator()(const auto& x) const { return layer_norm(x, weight, bias, {.epsilon = epsilon}); }
  void initialize(Rng&) { constant(weight, 1), zeros(bias); }
};
template <class T> struct LayerNorm<dyn, T> {
  Parameter<T, dyn> weight, bias;
  double epsilon = 1e-5;

  /// Throws ShapeError for a negative size.
  explicit LayerNorm(Index dim, double eps = 1e-5, Loc at = Loc::current())
      : weight(detail::filled<T>(Shape<dyn>({dim}, at), 1, at)),
        bias(detail::filled<T>(Shape<dyn>({dim}, at), 0, at)),
        epsilon(eps) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  LayerNorm(const LayerNorm& other, auto&& twin)
      : weight(twin(other.weight)), bias(twin(other.bias)), epsilon(other.epsilon) {}

  auto operator()(const auto& x) const { return layer_norm(x, weight, bias, {.epsilon = epsilon}); }
  void initialize(Rng&) { constant(weight, 1), zeros(bias); }
  void members(auto&& visit) {
    visit("weight", weight);
    visit("bias", bias);
  }
};

/// y = rms_norm(x, weight) over the last dimension; see tenon::rms_norm. Sizes and shapes as LayerNorm.
template <Index Dim, class T = float> struct RMSNorm {
  Parameter<T, Dim> weight{detail::filled<T>(Shape<Dim>{}, 1)};
  double epsilon = 1e-5;

  auto operator()(const auto& x) const { return rms_norm(x, weight, {.epsilon = epsilon}); }
  void initialize(Rng&) { constant(weight, 1); }
};
template <class T> struct RMSNorm<dyn, T> {
  Parameter<T, dyn> weight;
  double epsilon = 1e-5;

  /// Throws ShapeError for a negative size.
  explicit RMSNorm(Index dim, double eps = 1e-5, Loc at = Loc::current())
      : weight(detail::filled<T>(Shape<dyn>({dim}, at), 1, at)), epsilon(eps) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  RMSNorm(const RMSNorm& other, auto&& twin) : weight(twin(other.weight)), epsilon(other.epsilon) {}

  auto operator()(const auto& x) const { return rms_norm(x, weight, {.epsilon = epsilon}); }
  void initialize(Rng&) { constant(weight, 1); }
  void members(auto&& visit) { visit("weight", weight); }
};

}  // namespace tenon::inline TENON_ABI::nn
