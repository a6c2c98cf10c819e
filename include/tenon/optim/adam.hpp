// Adam and AdamW
#pragma once

#include "tenon/kernel/optimizer.hpp"
#include "tenon/optim/optimizer.hpp"

namespace tenon::inline TENON_ABI::optim {

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;  ///< added to the gradient, times the parameter
};
struct AdamWOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 1e-2;  ///< each update multiplies the parameter by 1 - learning_rate weight_decay first
};

template <class T> struct AdamState {
  Tensor<T, dyn> first_moment, second_moment;
  Tensor<std::int64_t, 1> updates;
};

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
/// w -= learning_rate / (1 - beta1^t)  m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
/// for the t-th gradient of a parameter; weight decay as the options say. Named Adam and AdamW below.
/// Source: Kingma, Ba, Adam: a method for stochastic optimization, ICLR 2015; Loshchilov, Hutter, Decoupled weight
/// decay regularization, ICLR 2019; epsilon stands where PyTorch has it.
template <class Options> class BasicAdam : public Optimizer<BasicAdam<Options>, Options, AdamState> {
  using Base = Optimizer<BasicAdam, Options, AdamState>;
  friend Base;

 public:
  static constexpr bool decoupled = std::is_same_v<Options, AdamWOptions>;
  static constexpr std::string_view name = decoupled ? "AdamW" : "Adam";

  /// For all parameters of one module. Throws ValueError for options outside their range.
  template <class M>
  explicit BasicAdam(M& module, Options options = {}, Loc at = Loc::current()) : Base(module, options, at) {}
  /// For several parts; see Optimizer.
  template <class... M, class... F>
  requires(sizeof...(M) > 0) explicit BasicAdam(Options options, Part<M, F>... parts) : Base(options, parts...) {}

 private:
  static void check(const Options& o, Loc at) {
    check_option(name, "beta1", o.beta1, 0, 1, at);
    check_option(name, "beta2", o.beta2, 0, 1, at);
    check_option(name, "epsilon", o.epsilon, 0, HUGE_VAL, at);
  }
  template <class T> AdamState<T> fresh(std::type_identity<T>, Index n) const {
    return {Tensor<T, dyn>({n}), Tensor<T, dyn>({n}), {}};
  }
  template <class T>
  void apply(const autodiff::ParameterRef<T>& p, T* w, const PartOptions& part, AdamState<T>& state) const {
    const std::int64_t t = ++state.updates.mut()(0);
    auto m = state.first_moment.mut(), v = state.second_moment.mut();
    kernel::adam_update(p.size(), w, p.gradient({}), m.data(), v.data(), step<T>(part, t));
  }
  /// The numbers of update t, made in double: 1 - beta^t loses digits in float.
  template <class T> kernel::AdamStep<T> step(const PartOptions& part, std::int64_t t) const {
    const Options& o = this->options();
    const double rate = o.learning_rate * part.learning_rate_scale;
    const double decay = part.weight_decay.value_or(o.weight_decay), k = static_cast<double>(t);
    return {static_cast<T>(rate / (1 - std::pow(o.beta1, k))),
            static_cast<T>(o.beta1),
            static_cast<T>(1 - o.beta1),
            static_cast<T>(o.beta2),
            static_cast<T>(1 - o.beta2),
            static_cast<T>(1 / std::sqrt(1 - std::pow(o.beta2, k))),
            static_cast<T>(o.epsilon),
            static_cast<T>(decoupled ? 1 - rate * decay : 1),
            static_cast<T>(decoupled ? 0 : decay)};
  }
};

/// Adam; weight decay is part of the gradient.
using Adam = BasicAdam<AdamOptions>;
/// Adam with decoupled weight decay.
using AdamW = BasicAdam<AdamWOptions>;

}  // namespace tenon::inline TENON_ABI::optim
