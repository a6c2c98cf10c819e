// The networks of sequence_bench.cpp and their training steps, as a user of tenon writes them.
#pragma once

#include <array>

#include "benchmarks/peers/inputs.hpp"
#include "benchmarks/train/step_work.hpp"
#include "tenon/autodiff/step.hpp"
#include "tenon/nn/embedding.hpp"
#include "tenon/nn/layer_norm.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/nn/lstm.hpp"
#include "tenon/op/attention.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/gelu_tanh.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/tensor/from_vector.hpp"
#include "tenon/tensor/rearrange.hpp"

namespace bench::nets {

using tenon::Index;

/// Characters are embedded, remembered, and the next ones predicted: rows of logits, a row a character.
struct CharLSTM {
  static constexpr Index vocabulary = 65, hidden = 128, steps = 64, batch = 32;
  tenon::nn::Embedding<vocabulary, hidden> characters;
  tenon::nn::LSTM<hidden, hidden> memory;
  tenon::nn::Linear<hidden, vocabulary> output;

  auto operator()(const auto& ids) const {
    const auto y = memory(tenon::reshape(characters(ids), {steps, batch, hidden}));
    return output(tenon::reshape<tenon::dyn, hidden>(y, {steps * batch, hidden}));
  }
  /// 8 n^2 (input) + 8 n^2 (state) + 2 n vocabulary operations a character forward, twice as many backward.
  static double flops() { return 3. * steps * batch * (16. * hidden * hidden + 2. * hidden * vocabulary); }
  /// Embedding, four gates, cell, state, logits of each character.
  static double saved() { return steps * batch * (7. * hidden + vocabulary); }
};

/// A transformer with its normalisation before each part, causal: rows of logits, a row a character.
struct CharGPT {
  static constexpr Index vocabulary = 65, dim = 128, heads = 4, steps = 128, batch = 16;
  struct Block {
    tenon::nn::LayerNorm<dim> before_attention;
    tenon::nn::Linear<dim, 3 * dim> projection;
    tenon::nn::Linear<dim, dim> mix;
    tenon::nn::LayerNorm<dim> before_expansion;
    tenon::nn::Linear<dim, 4 * dim> expand;
    tenon::nn::Linear<4 * dim, dim> contract;

    tenon::Value<float, tenon::dyn, dim> operator()(const tenon::Value<float, tenon::dyn, dim>& x) const {
      const tenon::Value qkv = projection(before_attention(x));
      const auto seen =
          tenon::self_attention(tenon::reshape(qkv, {batch, steps, 3 * dim}), {.heads = heads, .causal = true});
      const tenon::Value y = x + mix(tenon::reshape<tenon::dyn, dim>(seen, {batch * steps, dim}));
      return y + contract(tenon::gelu_tanh(expand(before_expansion(y))));
    }
  };
  tenon::nn::Embedding<vocabulary, dim> characters;
  tenon::nn::Embedding<steps, dim> positions;
  std::array<Block, 4> blocks;
  tenon::nn::LayerNorm<dim> before_output;
  tenon::nn::Linear<dim, vocabulary> output;

  auto operator()(const auto& ids) const {
    return run(ids, [](const Block& block, const auto& x) { return block(x); });
  }
  /// call(block, x) gives what the block makes of x.
  auto run(const auto& ids, auto call) const {
    const auto embedded = tenon::reshape<tenon::dyn, steps, dim>(characters(ids), {batch, steps, dim});
    const tenon::Value sum = embedded + positions.weight;
    tenon::Value x = tenon::reshape<tenon::dyn, dim>(sum, {batch * steps, dim});
    for (const Block& block : blocks) x = call(block, x);
    return output(before_output(x));
  }
  /// Forward, a character: 24 dim^2 in each block's products, attention's half of 4 steps dim; twice as many backward
  /// (attention 2.5 times).
  static double flops() {
    const double products = 4 * 24. * dim * dim + 2. * dim * vocabulary, scores = 4 * 2. * steps * dim;
    return batch * steps * (3 * products + 3.5 * scores);
  }
  /// Of each character: in a block what it and its second half read, queries, keys, values, what attention gives, what
  /// gelu reads; then what the last norm reads, and the logits. The rest follows from these.
  static double saved() { return batch * steps * (4 * (2. + 3 + 1 + 4) * dim + dim + vocabulary); }
};

/// Of a step with Adam, which keeps two numbers a parameter.
template <class Net> Work sequence_step_work() {
  const auto parameters = static_cast<double>(tenon::parameter_count(Net()));
  return step_work(Net::flops(), parameters, Net::saved(), 2 * parameters);
}

/// Embedding, layers and Adam on one batch that repeats.
template <class Net> struct SequenceTraining {
  Net net = make();
  tenon::Arena arena;
  tenon::optim::Adam adam{net, {.learning_rate = 1e-4}};
  tenon::Tensor<std::int32_t, tenon::dyn> ids = characters(7), next = characters(11);

  static Net make() {
    tenon::Rng rng(1);
    return tenon::nn::init<Net>(rng);
  }
  static tenon::Tensor<std::int32_t, tenon::dyn> characters(int step) {
    std::vector<std::int32_t> all;
    for (int i = 0; i < Net::steps * Net::batch; ++i)
      all.push_back(i * i / 5 * step % static_cast<int>(Net::vocabulary));
    return tenon::from_vector<tenon::dyn>(all);
  }
  float step() {
    tenon::Step step(arena, net);
    const tenon::Value loss = tenon::cross_entropy(net(step.input(ids)), next);
    std::move(step).backward(loss);
    adam.update(net);
    return loss.item();
  }
};

}  // namespace bench::nets
