// Learning-rate schedules: functions of the step's number. `adam.set_learning_rate(schedule(step));`
#pragma once

#include <cmath>
#include <numbers>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI::optim {

/// The same rate at every step.
struct Constant {
  double learning_rate;
  constexpr double operator()(Index) const { return learning_rate; }
};

/// learning_rate factor^(step / every), the quotient rounded down. Pre: every > 0
struct StepDecay {
  double learning_rate;
  Index every;
  double factor = 0.1;
  double operator()(Index step) const { return learning_rate * std::pow(factor, static_cast<double>(step / every)); }
};

/// Rises linearly over the steps 0 to warm_up - 1, the last of which has learning_rate; then falls along half a cosine,
/// from learning_rate at step warm_up to final_rate at step `steps`, and stays there. Pre: 0 <= warm_up <= steps
/// Source: Loshchilov, Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, eq. 5
struct Cosine {
  double learning_rate;
  Index steps;
  Index warm_up = 0;
  double final_rate = 0;
  double operator()(Index step) const {
    if (step < warm_up) return learning_rate * static_cast<double>(step + 1) / static_cast<double>(warm_up);
    if (step >= steps) return final_rate;
    const double part = static_cast<double>(step - warm_up) / static_cast<double>(steps - warm_up);
    return final_rate + (learning_rate - final_rate) * 0.5 * (1 + std::cos(std::numbers::pi * part));
  }
};

}  // namespace tenon::inline TENON_ABI::optim
