// LSTM: a layer of long short-term memory over a sequence.
#pragma once

#include "tenon/nn/init.hpp"
#include "tenon/op/lstm.hpp"

namespace tenon::inline TENON_ABI::nn {

namespace detail {
/// PyTorch's nn.LSTM and nn.GRU: all from U(-b, b), b = 1 / sqrt(hidden).
template <class W, class... V> void recurrent_default(Rng& rng, W& weight_hidden, V&... others) {
  const double b = 1 / std::sqrt(at_least_one(weight_hidden.shape()[0]));
  uniform(weight_hidden, rng, -b, b);
  (uniform(others, rng, -b, b), ...);
}
}  // namespace detail

/// y = lstm(x), from a state of zeros; auto [y, h, c] = lstm(x, h, c) goes on from a state. See tenon::lstm.
/// Shapes: x (steps, batch, in) -> y (steps, batch, hidden); h, c (batch, hidden). Several layers: lstm2(lstm1(x))
/// Sizes:  in the type, or dyn: LSTM<dyn, dyn>(in, hidden)
/// Gates:  i, f, g, o, as PyTorch's; weights are the transposes of PyTorch's, bias the sum of its two
/// Init:   all from U(-b, b), b = 1 / sqrt(hidden); zeros before that
template <Index In, Index Hidden, class T = float> struct LSTM {
  static constexpr Index wide = Hidden == dyn ? dyn : 4 * Hidden;
  Parameter<T, In, wide> weight_input;
  Parameter<T, Hidden, wide> weight_hidden;
  Parameter<T, wide> bias;

  LSTM() requires(In != dyn && Hidden != dyn) = default;
  /// Throws ShapeError for a negative size, or one that is not the type's.
  LSTM(Index in, Index hidden, Loc at = Loc::current())
      : weight_input(detail::filled<T>(Shape<In, wide>({in, 4 * hidden}, at), 0, at)),
        weight_hidden(detail::filled<T>(Shape<Hidden, wide>({hidden, 4 * hidden}, at), 0, at)),
        bias(detail::filled<T>(Shape<wide>({4 * hidden}, at), 0, at)) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  LSTM(const LSTM& other, auto&& twin)
      : weight_input(twin(other.weight_input)), weight_hidden(twin(other.weight_hidden)), bias(twin(other.bias)) {}

  auto operator()(const auto& x) const { return lstm(x, weight_input, weight_hidden, bias); }
  auto operator()(const auto& x, const auto& h, const auto& c) const {
    return lstm(x, weight_input, weight_hidden, bias, h, c);
  }
  void initialize(Rng& rng) { detail::recurrent_default(rng, weight_hidden, weight_input, bias); }
  void members(auto&& visit) {
    visit("weight_input", weight_input);
    visit("weight_hidden", weight_hidden);
    visit("bias", bias);
  }
};

}  // namespace tenon::inline TENON_ABI::nn
