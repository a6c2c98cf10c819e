// Memory runs out at the n-th request, for every n.
#pragma once

#include <span>
#include <string>

#include "tenon/autodiff/parameters.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/op/tanh.hpp"

namespace faults {

namespace tn = tenon;
using tn::dyn;
using tn::Index;

struct Net {
  tn::nn::Linear<dyn, dyn> hidden{3, 5}, output{5, 2};

  auto operator()(const auto& x) const { return output(tn::tanh(hidden(x))); }
};

/// What a scenario works on, made before memory runs short.
struct World {
  World();
  tn::Rng rng{3};
  Net net;
  tn::Tensor<float, dyn, dyn> x, y;      // (6, 3) and (6, 2)
  tn::Tensor<std::int32_t, dyn> labels;  // (6), of 2 classes
  std::string folder;                    // for files
};

/// Something a program does, as data: a name and a function.
struct Scenario {
  const char* name;
  void (*run)(World&);
  bool trains = false;  ///< changes the parameters when it succeeds
};

/// Runs each scenario with memory refused at its n-th request, once or from there on, for n = 0, 1 ... until none is
/// refused. Checks that it throws std::bad_alloc (or manages without), that every parameter then has the bits it had,
/// that nothing is leaked, and that it then runs to its end. Gives the number of runs in which a request was refused.
long check_scenarios(std::span<const Scenario> scenarios);

}  // namespace faults
