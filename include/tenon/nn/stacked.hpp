// Recurrent layers one on the other, and in both directions.
#pragma once

#include "tenon/nn/gru.hpp"
#include "tenon/nn/lstm.hpp"
#include "tenon/op/concatenate.hpp"
#include "tenon/op/dropout.hpp"
#include "tenon/op/flip.hpp"

namespace tenon::inline TENON_ABI::nn {

/// Two layers over a sequence, one from its first step on and one from its last; their outputs side by side, as PyTorch's
/// bidirectional=True: Bidirectional<LSTM<64, 128>> layer;
/// Shapes: x (steps, batch, in) -> (steps, batch, 2 hidden)
template <class Layer> struct Bidirectional {
  Layer ahead, back;

  auto operator()(const auto& x) const { return concatenate(axis<2>, ahead(x), flip(back(flip(x, axis<0>)), axis<0>)); }
};

enum class Direction : unsigned char { forward, both };

struct StackedOptions {
  double dropout = 0;  ///< of what one layer passes on to the next, while a model learns; see tenon::dropout
};

/// `Layers` recurrent layers, each over the outputs of the one before, as PyTorch's num_layers:
///   tn::nn::Stacked<tn::nn::LSTM, 64, 128, 2> lstm;
///   tn::nn::Stacked<tn::nn::GRU, 64, 128, 3, tn::nn::Direction::both> gru{{.dropout = 0.2}};
/// Shapes: x (steps, batch, in) -> (steps, batch, hidden), or 2 hidden in both directions; from a state of zeros
/// Sizes:  in the type, or dyn: Stacked<LSTM, dyn, dyn, 2>(in, hidden)
/// Init:   as the layers'
/// Throws: as the layer; OwnershipError with dropout in a Step without a generator
template <template <Index, Index, class> class Cell, Index In, Index Hidden, Index Layers,
          Direction Ways = Direction::forward, class T = float>
struct Stacked {
  static_assert(Layers > 0, "tenon::nn::Stacked: a layer at least");
  static constexpr bool both = Ways == Direction::both;
  static constexpr Index between = Hidden == dyn || !both ? Hidden : 2 * Hidden;
  using First = std::conditional_t<both, Bidirectional<Cell<In, Hidden, T>>, Cell<In, Hidden, T>>;
  using Next = std::conditional_t<both, Bidirectional<Cell<between, Hidden, T>>, Cell<between, Hidden, T>>;
  First first;
  std::array<Next, static_cast<std::size_t>(Layers - 1)> rest;
  StackedOptions options;

  Stacked(const StackedOptions& given = {}) requires(In != dyn && Hidden != dyn) : options(given) {}
  /// Throws ShapeError for a negative size, or one that is not the type's.
  Stacked(Index in, Index hidden, const StackedOptions& given = {})
      : first(layer<First>(in, hidden)), rest(layers(hidden, std::make_index_sequence<Layers - 1>{})), options(given) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  Stacked(const Stacked& other, auto&& twin)
      : first(twin(other.first)), rest(twin(other.rest)), options(other.options) {}

  auto operator()(const auto& x) const { return from<0>(first(x)); }
  void members(auto&& visit) {
    visit("first", first);
    visit("rest", rest);
  }

 private:
  template <class L> static L layer(Index in, Index hidden) {
    if constexpr (both) return {{in, hidden}, {in, hidden}};
    else return L(in, hidden);
  }
  template <std::size_t... I> static auto layers(Index hidden, std::index_sequence<I...>) {
    return std::array<Next, sizeof...(I)>{(static_cast<void>(I), layer<Next>(both ? 2 * hidden : hidden, hidden))...};
  }
  /// Layers K + 1 and on of what layer K gave.
  template <std::size_t K, class Y> auto from(Y y) const {
    if constexpr (K + 1 == static_cast<std::size_t>(Layers)) return y;
    else return from<K + 1>(rest[K](dropout(y, options.dropout)));
  }
};

}  // namespace tenon::inline TENON_ABI::nn
