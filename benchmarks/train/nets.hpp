// The networks of mlp_bench.cpp and their training steps, as a user of tenon writes them.
#pragma once

#include <span>
#include <vector>

#include "benchmarks/peers/inputs.hpp"
#include "benchmarks/train/step_work.hpp"
#include "tenon/tenon.hpp"
#include "tenon/tensor/from_vector.hpp"

namespace bench::nets {

struct TinyNet {
  tenon::nn::Linear<4, 32> first;
  tenon::nn::Linear<32, 32> second;
  tenon::nn::Linear<32, 1> third;
  auto operator()(const auto& x) const { return third(tenon::tanh(second(tenon::tanh(first(x))))); }
};
template <tenon::Index First, tenon::Index Second> struct ImageNet {
  tenon::nn::Linear<784, First> first;
  tenon::nn::Linear<First, Second> second;
  tenon::nn::Linear<Second, 10> third;
  auto operator()(const auto& x) const { return third(tenon::relu(second(tenon::relu(first(x))))); }
};

inline double forward_flops(double batch, const std::vector<double>& sizes) {
  double flops = 0;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) flops += 2 * batch * sizes[i] * sizes[i + 1];
  return flops;
}
/// Of a step: forward, weight gradient and (from the second layer on) input gradient of each layer.
inline double step_flops(double batch, const std::vector<double>& sizes) {
  return 3 * forward_flops(batch, sizes) - 2 * batch * sizes[0] * sizes[1];
}
/// Of dense layers trained by gradient descent: saved are what each layer reads and what the loss reads.
inline Work step_work(double batch, const std::vector<double>& sizes) {
  double parameters = 0, saved = 0;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) parameters += (sizes[i] + 1) * sizes[i + 1];
  for (const double n : sizes) saved += batch * n;
  return step_work(step_flops(batch, sizes), parameters, saved);
}
/// Row i is of class 7 i modulo 10.
inline std::vector<std::int32_t> class_labels(int batch) {
  std::vector<std::int32_t> all;
  for (int i = 0; i < batch; ++i) all.push_back(i * 7 % 10);
  return all;
}

/// A net as fill_parameters and mlp_bench take one: visits (weight, bias) of each layer from the input on.
template <class Net> struct Parameters {
  struct Matrix {
    std::span<float> elements;
    long row_count;
    long rows() const { return row_count; }
    long size() const { return static_cast<long>(elements.size()); }
    float* data() const { return elements.data(); }
  };
  Net& net;
  template <class Visit> void parameters(Visit visit) {
    const auto layer = [&visit](auto& linear) {
      Matrix weight = matrix(linear.weight), bias = matrix(linear.bias);
      visit(weight, bias);
    };
    layer(net.first), layer(net.second), layer(net.third);
  }

 private:
  static Matrix matrix(auto& parameter) {
    return {{parameter.mut().data(), static_cast<std::size_t>(parameter.size())}, parameter.shape()[0]};
  }
};
template <class Net> void fill(Net& net, std::uint64_t seed) {
  Parameters<Net> all{net};
  fill_parameters(all, seed);
}

/// 4-32-32-1, tanh, mean squares, batch 32; every extent in the types.
struct TinyTraining {
  static constexpr int batch = 32;
  TinyNet net;
  tenon::Arena arena;
  tenon::optim::SGD sgd;
  tenon::Tensor<float, batch, 4> x = tenon::from_vector<batch, 4>(uniform<float>(batch * 4, 8, 0, 1));
  tenon::Tensor<float, batch, 1> target = tenon::from_vector<batch, 1>(uniform<float>(batch, 9, -1, 1));

  explicit TinyTraining(double rate) : sgd(net, {.learning_rate = rate}) { fill(net, 7); }
  float step() {
    tenon::Step step(arena, net);
    const tenon::Value loss = tenon::mse(net(step.input(x)), target);
    std::move(step).backward(loss);
    sgd.update(net);
    return loss.item();
  }
};

/// Two hidden layers with relu, softmax cross-entropy; the batch is known at run time.
template <class Net> struct ImageTrainingOf {
  Net net;
  tenon::Arena arena;
  tenon::optim::SGD sgd;
  tenon::Tensor<float, tenon::dyn, 784> x;
  tenon::Tensor<std::int32_t, tenon::dyn> label;

  ImageTrainingOf(int batch, double rate)
      : sgd(net, {.learning_rate = rate}),
        x(tenon::from_vector<tenon::dyn, 784>(uniform<float>(batch * 784, 8, 0, 1))),
        label(tenon::from_vector<tenon::dyn>(class_labels(batch))) {
    fill(net, 7);
  }
  float step() {
    tenon::Step step(arena, net);
    const tenon::Value loss = tenon::cross_entropy(net(step.input(x)), label);
    std::move(step).backward(loss);
    sgd.update(net);
    return loss.item();
  }
  /// use(the outputs), without learning.
  template <class Use> auto infer(Use use) {
    tenon::Scope scope(arena);
    const tenon::Value y = net(scope.input(x));
    return use(y);
  }
};
using ImageTraining = ImageTrainingOf<ImageNet<256, 128>>;
/// 784-512-256-10.
using ClassifierTraining = ImageTrainingOf<ImageNet<512, 256>>;

}  // namespace bench::nets
