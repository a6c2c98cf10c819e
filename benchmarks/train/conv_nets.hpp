// The convolutional networks of conv_net_bench.cpp and their training steps, as a user of tenon writes them.
#pragma once

#include <cmath>
#include <vector>

#include "benchmarks/train/nets.hpp"

namespace bench::nets {

/// LeNet-5 with relu and the largest of 2 x 2: 6 and 16 channels of 5 x 5, 120-84-10.
struct LeNet {
  tenon::nn::Conv2d<1, 6, 5> first{{.padding = 2}};
  tenon::nn::Conv2d<6, 16, 5> second;
  tenon::nn::Linear<400, 120> third;
  tenon::nn::Linear<120, 84> fourth;
  tenon::nn::Linear<84, 10> output;
  static constexpr double forward_flops = 2.0 * (784 * 6 * 25 + 100 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10);
  static constexpr double first_flops = 2.0 * 784 * 6 * 25;
  static constexpr double parameters = 26 * 6 + 151 * 16 + 401 * 120 + 121 * 84 + 85 * 10;

  auto operator()(const auto& x) const {
    using tenon::relu;
    auto a = tenon::max_pool2d(relu(first(x)), 2);
    auto b = tenon::max_pool2d(relu(second(a)), 2);
    return output(relu(fourth(relu(third(tenon::reshape<tenon::dyn, 400>(b))))));
  }
  /// An image: what the layers and the loss read, each pooled value with the place it came from.
  static constexpr double saved = 784 + 2 * 196 * 6 + 2 * 25 * 16 + 120 + 84 + 10;
  void layers(auto visit) { visit(first), visit(second), visit(third), visit(fourth), visit(output); }
};

/// 32 and 64 channels of 3 x 3, the largest of 2 x 2, 128-10.
struct Cnn {
  tenon::nn::Conv2d<1, 32, 3> first;
  tenon::nn::Conv2d<32, 64, 3> second;
  tenon::nn::Linear<9216, 128> third;
  tenon::nn::Linear<128, 10> output;
  static constexpr double forward_flops = 2.0 * (676 * 32 * 9 + 576 * 64 * 288 + 9216 * 128 + 128 * 10);
  static constexpr double first_flops = 2.0 * 676 * 32 * 9;
  static constexpr double parameters = 10 * 32 + 289 * 64 + 9217 * 128 + 129 * 10;
  static constexpr double saved = 784 + 676 * 32 + 2 * 144 * 64 + 128 + 10;

  auto operator()(const auto& x) const {
    using tenon::relu;
    auto a = tenon::max_pool2d(relu(second(relu(first(x)))), 2);
    return output(relu(third(tenon::reshape<tenon::dyn, 9216>(a))));
  }
  void layers(auto visit) { visit(first), visit(second), visit(third), visit(output); }
};

/// Of a step on `batch` images; the first layer has no gradient in its images.
template <class Net> Work conv_step_work(double batch) {
  return step_work(batch * (3 * Net::forward_flops - Net::first_flops), Net::parameters, batch * Net::saved);
}

/// Gradient descent on images of 28 x 28, softmax cross-entropy; image i is of class 7 i modulo 10.
template <class Net> struct ConvTraining {
  Net net;
  tenon::Arena arena;
  tenon::optim::SGD sgd;
  tenon::Tensor<float, tenon::dyn, 1, 28, 28> x;
  tenon::Tensor<std::int32_t, tenon::dyn> label;

  ConvTraining(int batch, double rate)
      : sgd(net, {.learning_rate = rate}),
        x(tenon::from_vector<tenon::dyn, 1, 28, 28>(uniform<float>(batch * 784, 8, 0, 1))),
        label(tenon::from_vector<tenon::dyn>(class_labels(batch))) {
    std::uint64_t seed = 7;
    net.layers([&seed](auto& layer) {
      const double bound = 1 / std::sqrt(static_cast<double>(layer.weight.size() / layer.bias.size()));
      fill(layer.weight, seed++, bound), fill(layer.bias, seed++, bound);
    });
  }
  static void fill(auto& parameter, std::uint64_t seed, double bound) {
    const auto values = uniform<float>(static_cast<long>(parameter.size()), seed, static_cast<float>(-bound),
                                       static_cast<float>(bound));
    auto w = parameter.mut();
    for (std::size_t i = 0; i < values.size(); ++i) w.data()[i] = values[i];
  }
  float step() {
    tenon::Step step(arena, net);
    const tenon::Value loss = tenon::cross_entropy(net(step.input(x)), label);
    std::move(step).backward(loss);
    sgd.update(net);
    return loss.item();
  }
};

}  // namespace bench::nets
