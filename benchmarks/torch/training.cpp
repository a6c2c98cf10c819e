#include "benchmarks/torch/training.hpp"

#include <torch/torch.h>

#include <functional>
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

}  // namespace bench::torch_peer
