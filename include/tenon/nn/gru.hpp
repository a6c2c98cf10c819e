// GRU: a layer of gated recurrent units over a sequence.
#pragma once

#include "tenon/nn/lstm.hpp"
#include "tenon/op/gru.hpp"

namespace tenon::inline TENON_ABI::nn {

/// y = gru(x), from a state of zeros; gru(x, h) goes on from a state, the last step of another y. See tenon::gru.
/// Shapes: x (steps, batch, in) -> y (steps, batch, hidden); h (batch, hidden)
/// Sizes:  in the type, or dyn: GRU<dyn, dyn>(in, hidden)
/// Gates:  r, z, n, as PyTorch's; weights are the transposes of PyTorch's
/// Init:   all from U(-b, b), b = 1 / sqrt(hidden); zeros before that
template <Index In, Index Hidden, class T = float> struct GRU {
  static constexpr Index wide = Hidden == dyn ? dyn : 3 * Hidden;
  Parameter<T, In, wide> weight_input;
  Parameter<T, Hidden, wide> weight_hidden;
  Parameter<T, wide> bias_input, bias_hidden;

  GRU() requires(In != dyn && Hidden != dyn) = default;
  /// Throws ShapeError for a negative size, or one that is not the type's.
  GRU(Index in, Index hidden, Loc at = Loc::current())
      : weight_input(detail::filled<T>(Shape<In, wide>({in, 3 * hidden}, at), 0, at)),
        weight_hidden(detail::filled<T>(Shape<Hidden, wide>({hidden, 3 * hidden}, at), 0, at)),
        bias_input(detail::filled<T>(Shape<wide>({3 * hidden}, at), 0, at)),
        bias_hidden(detail::filled<T>(Shape<wide>({3 * hidden}, at), 0, at)) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  GRU(const GRU& other, auto&& twin)
      : weight_input(twin(other.weight_input)),
        weight_hidden(twin(other.weight_hidden)),
        bias_input(twin(other.bias_input)),
        bias_hidden(twin(other.bias_hidden)) {}

  auto operator()(const auto& x) const { return gru(x, weight_input, weight_hidden, bias_input, bias_hidden); }
  auto operator()(const auto& x, const auto& h) const {
    return gru(x, weight_input, weight_hidden, bias_input, bias_hidden, h);
  }
  void initialize(Rng& rng) { detail::recurrent_default(rng, weight_hidden, weight_input, bias_input, bias_hidden); }
  void members(auto&& visit) {
    visit("weight_input", weight_input);
    visit("weight_hidden", weight_hidden);
    visit("bias_input", bias_input);
    visit("bias_hidden", bias_hidden);
  }
};

}  // namespace tenon::inline TENON_ABI::nn
