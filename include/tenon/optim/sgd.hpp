// Stochastic gradient descent
#pragma once

#include "tenon/kernel/optimizer.hpp"
#include "tenon/optim/optimizer.hpp"

namespace tenon::inline TENON_ABI::optim {

struct SGDOptions {
  double learning_rate = 1e-2;
  double momentum = 0;
  bool nesterov = false;
  double weight_decay = 0;  ///< added to the gradient, times the parameter
};

template <class T> struct SGDState {
  Tensor<T, dyn> momentum;  // empty without momentum
};

/// Gradient descent with momentum, as PyTorch's SGD without dampening:
///   g = gradient + weight_decay w;  v = momentum v + g;  w -= learning_rate v, or (g + momentum v) with nesterov.
/// Source: Sutskever, Martens, Dahl, Hinton, On the importance of initialization and momentum, ICML 2013, in PyTorch's
/// form, where a change of the learning rate acts at once on what v has gathered.
/// Without momentum and weight decay, while the step that ran backward still lives, a gradient that nobody has asked for
/// is added to its parameter without being formed; the last bits may then differ from an update after the step's end.
class SGD : public Optimizer<SGD, SGDOptions, SGDState> {
  using Base = Optimizer<SGD, SGDOptions, SGDState>;
  friend Base;

 public:
  static constexpr std::string_view name = "SGD";

  /// For all parameters of one module. Throws ValueError for options outside their range.
  template <class M>
  explicit SGD(M& module, SGDOptions options = {}, Loc at = Loc::current()) : Base(module, options, at) {}
  /// For several parts; see Optimizer.
  template <class... M, class... F>
  requires(sizeof...(M) > 0) explicit SGD(SGDOptions options, Part<M, F>... parts) : Base(options, parts...) {}

 private:
  static void check(const SGDOptions& o, Loc at) {
    check_option(name, "momentum", o.momentum, 0, HUGE_VAL, at);
    if (o.nesterov && o.momentum == 0)
      throw ValueError(at, "tenon::optim::SGD: nesterov without momentum", "give a momentum, for example 0.9");
  }
  template <class T> SGDState<T> fresh(std::type_identity<T>, Index n) const {
    return {Tensor<T, dyn>({options().momentum > 0 ? n : Index{0}})};
  }
  template <class T>
  void apply(const autodiff::ParameterRef<T>& p, T* w, const PartOptions& part, SGDState<T>& state) const {
    const SGDOptions& o = options();
    const kernel::SgdStep<T> step{static_cast<T>(o.learning_rate * part.learning_rate_scale),
                                  static_cast<T>(o.momentum),
                                  static_cast<T>(part.weight_decay.value_or(o.weight_decay)), o.nesterov};
    if (step.momentum == 0 && step.weight_decay == 0 && p.add_deferred(w, -static_cast<double>(step.learning_rate)))
      return;
    if (state.momentum.size() == 0) return kernel::sgd_update<T>(p.size(), w, p.gradient({}), nullptr, step);
    auto v = state.momentum.mut();
    kernel::sgd_update(p.size(), w, p.gradient({}), v.data(), step);
  }
};

}  // namespace tenon::inline TENON_ABI::optim
