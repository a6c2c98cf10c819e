// Stops a training that has gone wrong, before its parameters do.
#pragma once

#include <cmath>

#include "tenon/autodiff/step.hpp"

namespace tenon::inline TENON_ABI::train {

/// The loss is NaN or infinite.
struct DivergedError : Error {
  using Error::Error;
};

/// Throws DivergedError when the loss of step number `number` is not finite, naming the number and, at TENON_CHECKS=2,
/// the op that made the first NaN of the step. Called before backward it leaves every parameter as it was.
inline void require_finite(double loss, Index number, const Step& step, Loc at = Loc::current()) {
  if (std::isfinite(loss)) [[likely]]
    return;
  std::string what = "tenon::train: the loss of step " + std::to_string(number) + " is " +
                     (std::isnan(loss) ? "NaN"
                      : loss > 0       ? "infinite"
                                       : "-infinite");
  std::string fix = "lower the learning rate, clip the gradients, or look for NaN in the data";
  if (!step.first_nan().empty()) what += "; the first NaN came from " + step.first_nan();
  else if constexpr (checks < 2) fix += "; -DTENON_CHECKS=2 names the op that made the first NaN";
  throw DivergedError(at, what, fix);
}

}  // namespace tenon::inline TENON_ABI::train
