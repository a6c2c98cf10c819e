// What a training step cannot do without.
#pragma once

#include "benchmarks/harness/work.hpp"

namespace bench::nets {

/// A step's `flops`, and then (nothing says that they overlap) its traffic. Each of `parameters` is read forward and
/// backward and written; each of `state`, the optimiser's, is read and written; each of `saved`, the values that backward
/// needs, is written and read. All counts but flops are of floats.
inline Work step_work(double flops, double parameters, double saved, double state = 0) {
  return {.flops = flops,
          .bytes = 4 * (3 * parameters + 2 * state + 2 * saved),
          .working_set = 4 * (parameters + state + saved),
          .in_turn = true};
}

}  // namespace bench::nets
