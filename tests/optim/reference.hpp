// One parameter that is given its gradients, for comparing optimisers with their formulas.
#pragma once

#include <vector>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"

namespace tenon_test {

namespace tn = tenon;
using tn::Index;

template <class T> struct Single {
  tn::Parameter<T, tn::dyn> w;

  explicit Single(Index n) : w(tn::Tensor<T, tn::dyn>({n})) {
    for (Index i = 0; i < n; ++i) w.mut()(i) = static_cast<T>(start(i));
  }
  static double start(Index i) { return static_cast<float>(0.3 * static_cast<double>(i % 7) - 0.8); }
  /// The gradient of element i at update t: of all sizes, sometimes 0; a float.
  static double slope(Index i, int t) {
    return static_cast<float>(
        (i + t) % 5 == 0 ? 0 : 0.7 * std::sin(1.3 * static_cast<double>(i) + 0.9 * t) * (i % 3 == 0 ? 30 : 1));
  }
  void members(auto&& visit) { visit("w", w); }
  /// Runs backward so that the gradient is slope(i, t).
  void learn(tn::Arena& arena, int t) {
    tn::Tensor<T, tn::dyn> g({w.size()});
    for (Index i = 0; i < w.size(); ++i) g.mut()(i) = static_cast<T>(slope(i, t));
    tn::Step step(arena, *this);
    std::move(step).backward(sum(w * g));
  }
};

}  // namespace tenon_test
