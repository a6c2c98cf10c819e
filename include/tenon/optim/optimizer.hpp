// What Adam and SGD share: for which parameters they are made, how they are called, their learning rate.
#pragma once

#include <cmath>

#include "tenon/optim/states.hpp"

namespace tenon::inline TENON_ABI::optim {

/// The base of an optimiser Derived with
///   name                              as its errors call it
///   ParameterState<T>, fresh(type_identity<T>, size)    what it keeps beside a parameter of dtype T, at first
///   apply(parameter, w, part options, state)   one update of a parameter's elements w; its gradient is asked of it
///   check(options, at)                         throws ValueError for options outside their range
template <class Derived, class Options, template <class> class ParameterState> class Optimizer {
 public:
  /// For all parameters of one module. Throws ValueError for options outside their range.
  template <class M> explicit Optimizer(M& module, Options options, Loc at) : Optimizer(options, at) {
    add(part(module), "", at);
  }
  /// For several parts, each with options of its own, which together hold all parameters of the modules that update
  /// takes; see part().
  template <class... M, class... F>
  requires(sizeof...(M) > 0) explicit Optimizer(Options options, Part<M, F>... parts) : Optimizer(options, Loc{}) {
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
    check_option(Derived::name, "learning_rate", rate, 0, HUGE_VAL, at);
    options_.learning_rate = rate;
  }
  const Options& options() const { return options_; }
  /// What is kept beside each parameter, under its path: what for_each_state(optimizer, visit) walks.
  void members(auto&& visit) { states_.members(visit); }
  /// What else a resumed training needs; a checkpoint saves and loads it. The other options are the program's.
  struct State {
    double learning_rate;
  };
  State state() const { return {options_.learning_rate}; }
  void check_state(const State& s) const {
    check_option(Derived::name, "learning_rate", s.learning_rate, 0, HUGE_VAL, Loc{});
  }
  void set_state(const State& s) { set_learning_rate(s.learning_rate, Loc{}); }

 private:
  Optimizer(const Options& o, Loc at) : options_(o), states_(Derived::name) {
    check_option(Derived::name, "learning_rate", o.learning_rate, 0, HUGE_VAL, at);
    check_option(Derived::name, "weight_decay", o.weight_decay, 0, HUGE_VAL, at);
    Derived::check(o, at);
  }
  template <class M, class F> void add(const Part<M, F>& p, std::string_view prefix, Loc at) {
    const auto& self = static_cast<const Derived&>(*this);
    states_.add(
        p, prefix, [&]<class T>(std::type_identity<T> t, Index n) { return self.fresh(t, n); }, at);
  }
  template <class... M> void run(Loc at, M&... modules) {
    const auto& self = static_cast<const Derived&>(*this);
    states_.update(
        at,
        [&]<class T>(const autodiff::ParameterRef<T>& p, T* w, const PartOptions& own, ParameterState<T>& state) {
          self.apply(p, w, own, state);
        },
        modules...);
  }

  Options options_;
  States<ParameterState> states_;
};

}  // namespace tenon::inline TENON_ABI::optim
