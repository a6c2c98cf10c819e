#include "benchmarks/torch/training.hpp"

#include <torch/torch.h>

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

namespace bench::torch_peer {
namespace {

using torch::Tensor;
namespace nn = torch::nn;

Tensor tensor_of(const std::vector<float>& values, std::vector<std::int64_t> shape) {
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat).clone();
}
Tensor tensor_of(const std::vector<std::int32_t>& values) {
  return torch::from_blob(const_cast<std::int32_t*>(values.data()), {static_cast<std::int64_t>(values.size())},
                          torch::kInt)
      .to(torch::kLong);
}

/// A parameter of the peer, and whether it lies transposed there.
struct Place {
  Tensor parameter;
  bool transposed;
};
void add_linear(std::vector<Place>& places, const nn::Linear& layer) {
  places.push_back({layer->weight, true});
  places.push_back({layer->bias, false});
}

/// `loss` is the whole forward pass; Net is kept alive by it.
class Model : public Training {
 public:
  Model(std::vector<Place> places, std::unique_ptr<torch::optim::Optimizer> optimizer, std::function<Tensor()> loss)
      : places_(std::move(places)), optimizer_(std::move(optimizer)), loss_(std::move(loss)) {}

  float step() override {
    optimizer_->zero_grad();
    const Tensor loss = loss_();
    loss.backward();
    optimizer_->step();
    return loss.item<float>();
  }
  void set_parameters(const std::vector<std::vector<float>>& values) override {
    const torch::NoGradGuard guard;
    if (values.size() != places_.size())
      throw std::invalid_argument("LibTorch's net has " + std::to_string(places_.size()) + " parameters, not " +
                                  std::to_string(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Tensor& p = places_[i].parameter;
      if (p.numel() != static_cast<std::int64_t>(values[i].size()))
        throw std::invalid_argument("parameter " + std::to_string(i) + " has " + std::to_string(p.numel()) +
                                    " elements, not " + std::to_string(values[i].size()));
      if (places_[i].transposed) p.copy_(tensor_of(values[i], {p.size(1), p.size(0)}).t());
      else p.copy_(tensor_of(values[i], p.sizes().vec()));
    }
  }

 private:
  std::vector<Place> places_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  std::function<Tensor()> loss_;
};

std::vector<Tensor> parameters_of(const std::vector<Place>& places) {
  std::vector<Tensor> all;
  for (const Place& p : places) all.push_back(p.parameter);
  return all;
}
std::unique_ptr<torch::optim::Optimizer> descent(const std::vector<Place>& places, double rate) {
  return std::make_unique<torch::optim::SGD>(parameters_of(places), torch::optim::SGDOptions(rate));
}

std::unique_ptr<torch::optim::Optimizer> adam(const std::vector<Place>& places, double rate) {
  return std::make_unique<torch::optim::Adam>(parameters_of(places), torch::optim::AdamOptions(rate));
}
/// Weight and bias of a layer that lie as tenon's do.
template <class Layer> void add_plain(std::vector<Place>& places, const Layer& layer) {
  places.push_back({layer->weight, false});
  places.push_back({layer->bias, false});
}

struct LeNet {
  nn::Conv2d first{nn::Conv2dOptions(1, 6, 5).padding(2)}, second{nn::Conv2dOptions(6, 16, 5)};
  nn::Linear third{400, 120}, fourth{120, 84}, output{84, 10};
  std::vector<Place> places() const {
    std::vector<Place> all;
    add_plain(all, first), add_plain(all, second);
    add_linear(all, third), add_linear(all, fourth), add_linear(all, output);
    return all;
  }
  Tensor forward(Tensor x) {
    x = torch::max_pool2d(torch::relu(first->forward(x)), 2);
    x = torch::max_pool2d(torch::relu(second->forward(x)), 2).flatten(1);
    return output->forward(torch::relu(fourth->forward(torch::relu(third->forward(x)))));
  }
};
struct Cnn {
  nn::Conv2d first{nn::Conv2dOptions(1, 32, 3)}, second{nn::Conv2dOptions(32, 64, 3)};
  nn::Linear third{9216, 128}, output{128, 10};
  std::vector<Place> places() const {
    std::vector<Place> all;
    add_plain(all, first), add_plain(all, second);
    add_linear(all, third), add_linear(all, output);
    return all;
  }
  Tensor forward(Tensor x) {
    x = torch::max_pool2d(torch::relu(second->forward(torch::relu(first->forward(x)))), 2).flatten(1);
    return output->forward(torch::relu(third->forward(x)));
  }
};
template <class Net>
std::unique_ptr<Training> image_training(const std::vector<float>& x, const std::vector<std::int32_t>& labels,
                                         double rate) {
  const auto net = std::make_shared<Net>();
  const Tensor input = tensor_of(x, {static_cast<std::int64_t>(labels.size()), 1, 28, 28}), label = tensor_of(labels);
  return std::make_unique<Model>(net->places(), descent(net->places(), rate),
                                 [=] { return nn::functional::cross_entropy(net->forward(input), label); });
}

struct CharLSTM {
  SequenceSizes s;
  nn::Embedding characters{s.vocabulary, s.dim};
  nn::LSTM memory{s.dim, s.dim};
  nn::Linear output{s.dim, s.vocabulary};
  explicit CharLSTM(const SequenceSizes& sizes) : s(sizes) {
    // tenon has one bias a gate. This one stays 0 and is not trained.
    const torch::NoGradGuard guard;
    hidden_bias().zero_();
    hidden_bias().set_requires_grad(false);
  }
  Tensor hidden_bias() const { return memory->named_parameters()["bias_hh_l0"]; }
  std::vector<Place> places() const {
    std::vector<Place> all{{characters->weight, false}};
    const auto p = memory->named_parameters();
    all.push_back({p["weight_ih_l0"], true});
    all.push_back({p["weight_hh_l0"], true});
    all.push_back({p["bias_ih_l0"], false});
    add_linear(all, output);
    return all;
  }
  Tensor forward(const Tensor& ids) {
    const Tensor x = characters->forward(ids).view({s.steps, s.batch, s.dim});
    return output->forward(std::get<0>(memory->forward(x)).view({s.steps * s.batch, s.dim}));
  }
};

struct GPTBlock {
  SequenceSizes s;
  nn::LayerNorm before_attention{nn::LayerNormOptions({s.dim})};
  nn::Linear projection{s.dim, 3 * s.dim}, mix{s.dim, s.dim};
  nn::LayerNorm before_expansion{nn::LayerNormOptions({s.dim})};
  nn::Linear expand{s.dim, 4 * s.dim}, contract{4 * s.dim, s.dim};
  void add_places(std::vector<Place>& all) const {
    add_plain(all, before_attention), add_linear(all, projection), add_linear(all, mix);
    add_plain(all, before_expansion), add_linear(all, expand), add_linear(all, contract);
  }
  Tensor forward(const Tensor& x, const Tensor& future) {
    const std::int64_t depth = s.dim / s.heads;
    const auto parts = projection->forward(before_attention->forward(x)).chunk(3, -1);
    const auto heads = [&](const Tensor& t) { return t.view({s.batch, s.steps, s.heads, depth}).transpose(1, 2); };
    const Tensor scores =
        torch::matmul(heads(parts[0]), heads(parts[1]).transpose(-2, -1)) / std::sqrt(static_cast<double>(depth));
    const Tensor weights = torch::softmax(scores.masked_fill(future, -std::numeric_limits<float>::infinity()), -1);
    const Tensor seen = torch::matmul(weights, heads(parts[2])).transpose(1, 2).reshape({s.batch, s.steps, s.dim});
    const Tensor y = x + mix->forward(seen);
    return y + contract->forward(torch::gelu(expand->forward(before_expansion->forward(y)), "tanh"));
  }
};
struct CharGPT {
  SequenceSizes s;
  nn::Embedding characters{s.vocabulary, s.dim}, positions{s.steps, s.dim};
  std::vector<GPTBlock> blocks;
  nn::LayerNorm before_output{nn::LayerNormOptions({s.dim})};
  nn::Linear output{s.dim, s.vocabulary};
  Tensor future = torch::ones({s.steps, s.steps}, torch::kBool).triu(1);
  explicit CharGPT(const SequenceSizes& sizes) : s(sizes) {
    for (std::int64_t i = 0; i < s.blocks; ++i) blocks.push_back(GPTBlock{s});
  }
  std::vector<Place> places() const {
    std::vector<Place> all{{characters->weight, false}, {positions->weight, false}};
    for (const GPTBlock& block : blocks) block.add_places(all);
    add_plain(all, before_output), add_linear(all, output);
    return all;
  }
  Tensor forward(const Tensor& ids) {
    Tensor x = characters->forward(ids.view({s.batch, s.steps})) + positions->weight;
    for (GPTBlock& block : blocks) x = block.forward(x, future);
    return output->forward(before_output->forward(x)).view({s.batch * s.steps, s.vocabulary});
  }
};
template <class Net>
std::unique_ptr<Training> sequence_training(const SequenceSizes& sizes, const std::vector<std::int32_t>& ids,
                                            const std::vector<std::int32_t>& next, double rate) {
  const auto net = std::make_shared<Net>(sizes);
  const Tensor input = tensor_of(ids), label = tensor_of(next);
  return std::make_unique<Model>(net->places(), adam(net->places(), rate),
                                 [=] { return nn::functional::cross_entropy(net->forward(input), label); });
}

struct Layers {
  std::vector<nn::Linear> layers;
  std::vector<Place> places;
  explicit Layers(const std::vector<std::int64_t>& sizes) {
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
      layers.emplace_back(sizes[i], sizes[i + 1]);
      add_linear(places, layers.back());
    }
  }
  template <class Activation> Tensor forward(Tensor x, Activation activation) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      x = layers[i]->forward(x);
      if (i + 1 < layers.size()) x = activation(x);
    }
    return x;
  }
};

}  // namespace

void set_threads(int threads) { at::set_num_threads(threads); }

std::unique_ptr<Training> classifier(const std::vector<std::int64_t>& sizes, const std::vector<float>& x,
                                     const std::vector<std::int32_t>& labels, double rate) {
  const auto net = std::make_shared<Layers>(sizes);
  const Tensor input = tensor_of(x, {static_cast<std::int64_t>(labels.size()), sizes[0]}), label = tensor_of(labels);
  return std::make_unique<Model>(net->places, descent(net->places, rate), [=] {
    return nn::functional::cross_entropy(net->forward(input, [](const Tensor& y) { return torch::relu(y); }), label);
  });
}

std::unique_ptr<Training> regression(const std::vector<std::int64_t>& sizes, const std::vector<float>& x,
                                     const std::vector<float>& target, double rate) {
  const auto net = std::make_shared<Layers>(sizes);
  const auto batch = static_cast<std::int64_t>(x.size()) / sizes[0];
  const Tensor input = tensor_of(x, {batch, sizes[0]}), wanted = tensor_of(target, {batch, sizes.back()});
  return std::make_unique<Model>(net->places, descent(net->places, rate), [=] {
    return torch::mse_loss(net->forward(input, [](const Tensor& y) { return torch::tanh(y); }), wanted);
  });
}

std::unique_ptr<Training> lenet(const std::vector<float>& x, const std::vector<std::int32_t>& labels, double rate) {
  return image_training<LeNet>(x, labels, rate);
}
std::unique_ptr<Training> cnn(const std::vector<float>& x, const std::vector<std::int32_t>& labels, double rate) {
  return image_training<Cnn>(x, labels, rate);
}
std::unique_ptr<Training> lstm(const SequenceSizes& sizes, const std::vector<std::int32_t>& ids,
                               const std::vector<std::int32_t>& next, double rate) {
  return sequence_training<CharLSTM>(sizes, ids, next, rate);
}
std::unique_ptr<Training> gpt(const SequenceSizes& sizes, const std::vector<std::int32_t>& ids,
                              const std::vector<std::int32_t>& next, double rate) {
  return sequence_training<CharGPT>(sizes, ids, next, rate);
}

}  // namespace bench::torch_peer
