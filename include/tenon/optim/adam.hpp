// Adam and AdamW
#pragma once

#include "tenon/kernel/optimizer.hpp"
#include "tenon/optim/states.hpp"

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

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
/// w -= learning_rate / (1 - beta1^t)  m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
/// for the t-th gradient of a parameter; weight decay as the options say. Named Adam and AdamW below.
/// Source: Kingma, Ba, Adam: a method for stochastic optimization, ICLR 2015; Loshchilov, Hutter, Decoupled weight
/// decay regularization, ICLR 2019; epsilon stands where PyTorch has it.
template <class Options> class BasicAdam {
 public:
  static constexpr bool decoupled = std::is_same_v<Options, AdamWOptions>;
  static constexpr std::string_view name = decoupled ? "AdamW" : "Adam";

  /// For all parameters of one module. Throws ValueError for options outside their range.
  template <class M>
  explicit BasicAdam(M& module, Options options = {}, Loc at = Loc::current()) : BasicAdam(options, at) {
    add(part(module), "", at);
  }
  /// For several parts, each with options of its own, which together hold all parameters of the modules that update
  /// takes; see part().
  template <class... M, class... F>
  requires(sizeof...(M) > 0) explicit BasicAdam(Options options, Part<M, F>... parts) : BasicAdam(options, Loc{}) {
    int number = 0;
    (add(parts, sizeof...(M) > 1 ? std::to_string(number++) + "." : "", Loc{}), ...);
  }

  /// Uses every full gradient, in one pass over each parameter, and marks it empty; parameters without one stay. Takes
  /// the modules that the constructor got. Throws OwnershipError, before it changes anything, when a Step still holds a
  /// parameter or a module is another one. Allocates nothing.
  template <class M> void update(M& module, Loc at = Loc::current()) { run(at, module); }
  template <class... M>
  requires(sizeof...(M) > 1) void update(M&... modules) { run(Loc{}, modules...); }

  double learning_rate() const { return options_.learning_rate; }
  /// From the next update on. Throws ValueError for a negative one, or NaN.
  void set_learning_rate(double rate, Loc at = Loc::current()) {
    check_option(name, "learning_rate", rate, 0, HUGE_VAL, at);
    options_.learning_rate = rate;
  }
  const Options& options() const { return options_; }
  /// Both moments and the count of updates of each parameter, under its path: what for_each_state(adam, visit) walks.
  void members(auto&& visit) { states_.members(visit); }

 private:
  template <class T> struct State {
    Tensor<T, dyn> first_moment, second_moment;
    Tensor<std::int64_t, 1> updates;
  };
  BasicAdam(const Options& o, Loc at) : options_(o), states_(name) {
    check_option(name, "learning_rate", o.learning_rate, 0, HUGE_VAL, at);
    check_option(name, "beta1", o.beta1, 0, 1, at);
    check_option(name, "beta2", o.beta2, 0, 1, at);
    check_option(name, "epsilon", o.epsilon, 0, HUGE_VAL, at);
    check_option(name, "weight_decay", o.weight_decay, 0, HUGE_VAL, at);
  }
  template <class M, class F> void add(const Part<M, F>& p, std::string_view prefix, Loc at) {
    states_.add(
        p, prefix,
        []<class T>(std::type_identity<T>, Index n) {
          return State<T>{Tensor<T, dyn>({n}), Tensor<T, dyn>({n}), {}};
        },
        at);
  }
  template <class... M> void run(Loc at, M&... modules) {
    states_.update(
        at,
        [this]<class T>(const autodiff::ParameterRef<T>& p, T* w, const PartOptions& part, State<T>& state) {
          const std::int64_t t = ++state.updates.mut()(0);
          auto m = state.first_moment.mut(), v = state.second_moment.mut();
          kernel::adam_update(p.size(), w, p.gradient({}), m.data(), v.data(), this->template step<T>(part, t));
        },
        modules...);
  }
  /// The numbers of update t, made in double: 1 - beta^t loses digits in float.
  template <class T> kernel::AdamStep<T> step(const PartOptions& part, std::int64_t t) const {
    const double rate = options_.learning_rate * part.learning_rate_scale;
    const double decay = part.weight_decay.value_or(options_.weight_decay), k = static_cast<double>(t);
    return {static_cast<T>(rate / (1 - std::pow(options_.beta1, k))),
            static_cast<T>(options_.beta1),
            static_cast<T>(1 - options_.beta1),
            static_cast<T>(options_.beta2),
            static_cast<T>(1 - options_.beta2),
            static_cast<T>(1 / std::sqrt(1 - std::pow(options_.beta2, k))),
            static_cast<T>(options_.epsilon),
            static_cast<T>(decoupled ? 1 - rate * decay : 1),
            static_cast<T>(decoupled ? 0 : decay)};
  }

  Options options_;
  States<State> states_;
};

/// Adam; weight decay is part of the gradient.
using Adam = BasicAdam<AdamOptions>;
/// Adam with decoupled weight decay.
using AdamW = BasicAdam<AdamWOptions>;

}  // namespace tenon::inline TENON_ABI::optim
