// The networks: each predicts, for every character of some pieces of text, the character that follows.
#pragma once

#include <array>

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/embedding.hpp"
#include "tenon/nn/layer_norm.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/nn/lstm.hpp"
#include "tenon/op/attention.hpp"
#include "tenon/op/gelu_tanh.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "text.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;

/// A transformer: blocks of attention to what came before, and of thinking it over. Piece b is ids b time .. b time +
/// time - 1; logits have a row an id.
struct Gpt {
  static constexpr bool time_first = false;
  static constexpr Index dim = 128, heads = 4;
  using Rows = tn::Value<float, dyn, dim>;

  struct Block {
    tn::nn::LayerNorm<dim> before_attention;
    tn::nn::Linear<dim, 3 * dim> projection;  // queries, keys, values
    tn::nn::Linear<dim, dim> mix;
    tn::nn::LayerNorm<dim> before_expansion;
    tn::nn::Linear<dim, 4 * dim> expand;
    tn::nn::Linear<4 * dim, dim> contract;

    Rows operator()(const Rows& x, Index time) const {
      const tn::Value qkv = projection(before_attention(x));
      const auto seen = tn::self_attention(tn::reshape(qkv, {-1, time, 3 * dim}), {.heads = heads, .causal = true});
      const tn::Value y = x + mix(tn::reshape<dyn, dim>(seen, {x.shape()[0], dim}));
      return y + contract(tn::gelu_tanh(expand(before_expansion(y))));
    }
  };
  tn::nn::Embedding<Alphabet::most, dim> characters;
  tn::nn::Embedding<context, dim> positions;
  std::array<Block, 4> blocks;
  tn::nn::LayerNorm<dim> before_output;
  tn::nn::Linear<dim, Alphabet::most> output;

  auto operator()(const auto& ids, Index time) const {
    const Index rows = ids.shape()[0];
    const tn::Value sum = tn::reshape<dyn, dyn, dim>(characters(ids), {rows / time, time, dim}) +
                          positions.weight(tn::range(0, time), tn::all);
    Rows x = tn::reshape<dyn, dim>(sum, {rows, dim});
    for (const Block& block : blocks) x = block(x, time);
    return output(before_output(x));
  }
};

/// Two layers of long short-term memory. Ids come character by character: first those of all pieces, then the second
/// ones ...; logits have a row an id.
struct Lstm {
  static constexpr bool time_first = true;
  static constexpr Index dim = 64, hidden = 256;
  tn::nn::Embedding<Alphabet::most, dim> characters;
  tn::nn::LSTM<dim, hidden> first;
  tn::nn::LSTM<hidden, hidden> second;
  tn::nn::Linear<hidden, Alphabet::most> output;

  auto operator()(const auto& ids, Index time) const {
    const Index rows = ids.shape()[0];
    const auto y = second(first(tn::reshape<dyn, dyn, dim>(characters(ids), {time, rows / time, dim})));
    return output(tn::reshape<dyn, hidden>(y, {rows, hidden}));
  }
};
