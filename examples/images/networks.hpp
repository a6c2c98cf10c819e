// The networks that the program can train. Each is a plain struct; their forward passes stand in networks.cpp.
#pragma once

#include <string>
#include <variant>

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/conv2d.hpp"
#include "tenon/nn/linear.hpp"

using Batch = tenon::Value<float, tenon::dyn, tenon::dyn>;   ///< one image a row
using Scores = tenon::Value<float, tenon::dyn, tenon::dyn>;  ///< one class a column

// Sizes of run time: the dense layers of all networks are one type, compiled once.
using Dense = tenon::nn::Linear<tenon::dyn, tenon::dyn>;
template <tenon::Index Kernel> using Filters = tenon::nn::Conv2d<tenon::dyn, tenon::dyn, Kernel>;

/// Two hidden layers with relu; the sizes are known when the program has read its data.
struct Mlp {
  Dense first, second, output;

  Scores operator()(const Batch& x) const;
};

/// LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86, 1998; with
/// relu and the largest of 2 x 2 where the original has tanh and means.
struct LeNet {
  Filters<5> first{1, 6, {.padding = 2}}, second{6, 16};
  Dense third{400, 120}, fourth{120, 84}, output{84, 10};

  Scores operator()(const Batch& x) const;
};

struct Cnn {
  Filters<3> first{1, 32}, second{32, 64};
  Dense third{9216, 128}, output{128, 10};

  Scores operator()(const Batch& x) const;
};

/// One of them, chosen at run time: the loop that trains it is compiled once.
struct Network {
  std::variant<Mlp, LeNet, Cnn> chosen;
  std::string description;

  /// `model`: mlp, lenet or cnn; the latter two are for images of 28 x 28.
  static Network of(const std::string& model, tenon::Index pixels);
  Scores operator()(const Batch& x) const {
    return std::visit([&](const auto& net) { return net(x); }, chosen);
  }
  void members(auto&& visit) {
    std::visit([&](auto& net) { visit("net", net); }, chosen);
  }
};
