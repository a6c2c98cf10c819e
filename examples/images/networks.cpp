#include "networks.hpp"

#include "tenon/op/pool2d.hpp"
#include "tenon/op/relu.hpp"

namespace tn = tenon;
using tn::max_pool2d, tn::relu, tn::reshape;

namespace {
/// A dense layer with relu.
Batch hidden(const Dense& layer, const Batch& x) { return relu(layer(x)); }
/// A row for each image.
Batch rows(const auto& x) { return reshape(x, x.shape()[0], -1); }
}  // namespace

Scores Mlp::operator()(const Batch& x) const { return output(hidden(second, hidden(first, x))); }

Scores LeNet::operator()(const Batch& x) const {
  auto a = max_pool2d(relu(first(reshape<tn::dyn, 1, 28, 28>(x))), 2);
  auto b = max_pool2d(relu(second(a)), 2);
  return output(hidden(fourth, hidden(third, rows(b))));
}

Scores Cnn::operator()(const Batch& x) const {
  auto a = relu(first(reshape<tn::dyn, 1, 28, 28>(x)));
  auto b = max_pool2d(relu(second(a)), 2);
  return output(hidden(third, rows(b)));
}

Network Network::of(const std::string& model, tn::Index pixels) {
  if (model == "lenet") return {LeNet(), "LeNet-5: 6 and 16 channels of 5 x 5, 120-84-10 with relu"};
  if (model == "cnn") return {Cnn(), "32 and 64 channels of 3 x 3, 128-10 with relu"};
  const tn::Index wide = pixels > 100 ? 256 : 128;
  return {Mlp{{pixels, wide}, {wide, wide / 2}, {wide / 2, 10}},
          std::to_string(pixels) + "-" + std::to_string(wide) + "-" + std::to_string(wide / 2) + "-10 with relu"};
}
