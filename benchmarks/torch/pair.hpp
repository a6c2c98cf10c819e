// A case with two contenders: a training step in tenon and the same one in LibTorch. The model, the first weights, the
// data and the optimiser are the same; before anything is timed the losses of the first 20 steps are compared.
#pragma once

#include <omp.h>

#include <memory>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/torch/training.hpp"
#include "tenon/autodiff/parameters.hpp"

namespace bench::torch_peer {

/// Every parameter's elements, in order of declaration.
template <class Net> std::vector<std::vector<float>> parameters_of(const Net& net) {
  std::vector<std::vector<float>> all;
  tenon::for_each_parameter(net, [&](const tenon::Path&, const auto& p) { all.push_back(p.value().to_vector()); });
  return all;
}

/// Ours(rate) and theirs(rate) make trainings of one model. `compared` and `timed`: learning rates; the second is small,
/// so that the work of a step stays what it is.
template <class Ours, class Theirs>
void add_pair(Contest& contest, Ours ours, Theirs theirs, double compared, double timed) {
  set_threads(omp_get_max_threads());
  const auto losses = [](auto& training) {
    std::vector<double> all;
    for (int i = 0; i < 20; ++i) all.push_back(static_cast<double>(training.step()));
    return all;
  };
  const auto mine = ours(timed);
  const std::shared_ptr<Training> peer = theirs(timed);
  peer->set_parameters(parameters_of(mine->net));
  contest.subject([mine] { return mine->step(); }, [=] { return losses(*ours(compared)); });
  contest.peer(
      "LibTorch", [peer] { return peer->step(); },
      [=] {
        const auto fresh = theirs(compared);
        fresh->set_parameters(parameters_of(ours(compared)->net));
        return losses(*fresh);
      });
}

}  // namespace bench::torch_peer
