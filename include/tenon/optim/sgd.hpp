// Stochastic gradient descent
#pragma once

#include "tenon/kernel/optimizer.hpp"
#include "tenon/optim/states.hpp"

namespace tenon::inline TENON_ABI::optim {

struct SGDOptions {
  double learning_rate = 1e-2;
  double momentum = 0;
  bool nesterov = false;
  double weight_decay = 0;  ///< added to the gradient, times the parameter
};

/// Gradient descent with momentum, as PyTorch's SGD without dampening:
///   g = gradient + weight_decay w;  v = momentum v + g;  w -= learning_rate v, or (g + momentum v) with nesterov.
/// Source: Sutskever, Martens, Dahl, Hinton, On the importance of initialization and momentum, ICML 2013, in PyTorch's
/// form, where a change of the learning rate acts at once on what v has gathered.
class SGD {
 public:
  /// For all parameters of one module. Throws ValueError for options outside their range.
  template <class M> explicit SGD(M& module, SGDOptions options = {}, Loc at = Loc::current()) : SGD(options, at) {
    add(part(module), "", at);
  }
  /// For several parts, each with options of its own, which together hold all parameters of the modules that update
  /// takes; see part().
  template <class... M, class... F>
  requires(sizeof...(M) > 0) explicit SGD(SGDOptions options, Part<M, F>... parts) : SGD(options, Loc{}) {
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
    check_option("SGD", "learning_rate", rate, 0, HUGE_VAL, at);
    options_.learning_rate = rate;
  }
  const SGDOptions& options() const { return options_; }
  /// The momentum of each parameter, under its path: what for_each_state(sgd, visit) walks.
  void members(auto&& visit) { states_.members(visit); }

 private:
  template <class T> struct State {
    Tensor<T, dyn> momentum;  // empty without momentum
  };
  SGD(const SGDOptions& o, Loc at) : options_(o), states_("SGD") {
    check_option("SGD", "learning_rate", o.learning_rate, 0, HUGE_VAL, at);
    check_option("SGD", "momentum", o.momentum, 0, HUGE_VAL, at);
    check_option("SGD", "weight_decay", o.weight_decay, 0, HUGE_VAL, at);
    if (o.nesterov && o.momentum == 0)
      throw ValueError(at, "tenon::optim::SGD: nesterov without momentum", "give a momentum, for example 0.9");
  }
  template <class M, class F> void add(const Part<M, F>& p, std::string_view prefix, Loc at) {
    states_.add(
        p, prefix,
        [this]<class T>(std::type_identity<T>, Index n) {
          return State<T>{Tensor<T, dyn>({options_.momentum > 0 ? n : Index{0}})};
        },
        at);
  }
  template <class... M> void run(Loc at, M&... modules) {
    states_.update(
        at,
        [this]<class T>(const autodiff::ParameterRef<T>& p, T* w, const PartOptions& part, State<T>& state) {
          const kernel::SgdStep<T> step{
              static_cast<T>(options_.learning_rate * part.learning_rate_scale), static_cast<T>(options_.momentum),
              static_cast<T>(part.weight_decay.value_or(options_.weight_decay)), options_.nesterov};
          if (step.momentum == 0 && step.weight_decay == 0 &&
              p.add_deferred(w, -static_cast<double>(step.learning_rate)))
            return;
          auto v = state.momentum.mut();
          kernel::sgd_update(p.size(), w, p.gradient({}), state.momentum.size() > 0 ? v.data() : nullptr, step);
        },
        modules...);
  }

  SGDOptions options_;
  States<State> states_;
};

}  // namespace tenon::inline TENON_ABI::optim
