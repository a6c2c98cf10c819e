// BatchNorm: channels brought to one scale by the statistics of a batch, or by those gathered before.
#pragma once

#include "tenon/nn/init.hpp"
#include "tenon/op/batch_norm.hpp"

namespace tenon::inline TENON_ABI::nn {

struct BatchNormOptions {
  double epsilon = 1e-5;
  double momentum = 0.1;  ///< the share of a new batch in the running statistics
};

/// y = batch_norm(x, weight, bias). In a Step that learns this module, by the statistics of the batch, which backward
/// moves the running ones towards: running = (1 - momentum) running + momentum batch, the variance unbiased, as PyTorch.
/// Anywhere else (a Scope, plain tensors, a Step that was not given this module) by the running statistics.
///   tn::nn::BatchNorm<32> norm;    tn::nn::BatchNorm<32> slow{{.momentum = 0.01}};
/// Sizes:  in the type, or dyn: BatchNorm<dyn>(channels)
/// Shapes: x (n, channels, ...) -> (n, channels, ...); weight, bias, running_mean, running_var (channels)
/// Init:   weight 1, bias 0, running_mean 0, running_var 1, from the start
/// State:  running_mean and running_var are part of the module's state (for_each_state), not of its parameters. A
///         forward pass that backward does not reach leaves them as they are; from forward to the end of the step nobody
///         else may write them
/// Throws: ShapeError for other channels than `channels`, and while learning for one element a channel; OwnershipError
///         when somebody writes the statistics, or has lent them to an open frame, while a Step learns
template <Index Channels, class T = float> struct BatchNorm {
  Parameter<T, Channels> weight, bias;
  Tensor<T, Channels> running_mean, running_var;
  BatchNormOptions options;

  BatchNorm(const BatchNormOptions& given = {}, Loc at = Loc::current()) requires(Channels != dyn)
      : BatchNorm(Shape<Channels>{}, given, at) {}
  /// Throws ShapeError for a negative size, or one that is not the type's; ValueError for options out of range.
  explicit BatchNorm(Index channels, const BatchNormOptions& given = {}, Loc at = Loc::current())
      : BatchNorm(Shape<Channels>({channels}, at), given, at) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  BatchNorm(const BatchNorm& other, auto&& twin)
      : weight(twin(other.weight)),
        bias(twin(other.bias)),
        running_mean(twin(other.running_mean)),
        running_var(twin(other.running_var)),
        options(other.options) {}

  auto operator()(const auto& x, Loc at = Loc::current()) const {
    const NormOptions norm{options.epsilon};
    if (autodiff::TapeFrame* step = learning()) {
      const tenon::BatchNorm op{options.epsilon,
                                {lend(*step, running_mean, at), lend(*step, running_var, at), options.momentum}};
      return tenon::detail::channel_norm(op, at, x, weight, bias);
    }
    return batch_norm(x, weight, bias, running_mean, running_var, norm, at);
  }
  void initialize(Rng&) {
    constant(weight, 1), zeros(bias);
    running_mean.mut().fill(T(0)), running_var.mut().fill(T(1));
  }
  void members(auto&& visit) {
    visit("weight", weight);
    visit("bias", bias);
    visit("running_mean", running_mean);
    visit("running_var", running_var);
  }

 private:
  BatchNorm(const Shape<Channels>& shape, const BatchNormOptions& given, Loc at)
      : weight(detail::filled<T>(shape, 1, at)),
        bias(detail::filled<T>(shape, 0, at)),
        running_mean(detail::filled<T>(shape, 0, at)),
        running_var(detail::filled<T>(shape, 1, at)),
        options(given) {
    if (!(given.momentum >= 0 && given.momentum <= 1))
      throw ValueError(at, "tenon::nn::BatchNorm: momentum is " + std::to_string(given.momentum) + ", outside [0, 1]",
                       "give a share of each batch, for example 0.1");
  }
  /// The Step that learns this module, when it is recording.
  autodiff::TapeFrame* learning() const {
    memory::Cell& c = *weight.value().stamp().cell;
    return c.traits.learns && autodiff::is_recording(c) ? autodiff::frame_of(c) : nullptr;
  }
  /// The Step may write this tensor, though the module is const here: it was given the module to change. From now on
  /// input(x) copies it, for what it lends must not change.
  static memory::Cell* lend(autodiff::TapeFrame& step, const Tensor<T, Channels>& x, Loc at) {
    memory::check(x.stamp(), "nn::BatchNorm", at);
    memory::Cell& c = *x.stamp().cell;
    if (c.holder != nullptr && !(c.holder == static_cast<memory::Frame*>(&step) && c.traits.learns))
      throw OwnershipError(at,
                           "tenon::nn::BatchNorm: the running statistics are lent to an open frame" + memory::opened(c),
                           "end it, or clone() what it reads; this Step changes them");
    step.lend(memory::Storage::share(x.stamp()));
    c.traits.learns = 1;
    return &c;
  }
};

}  // namespace tenon::inline TENON_ABI::nn
