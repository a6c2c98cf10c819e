// Training steps side by side with LibTorch: the same model, weights, data and optimiser. Before anything is timed the
// losses of the first 20 steps are compared.
#include <omp.h>

#include <memory>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/torch/training.hpp"
#include "benchmarks/train/nets.hpp"

namespace {

namespace nets = bench::nets;
using bench::torch_peer::Training;

/// Every parameter's elements, in order of declaration.
template <class Net> std::vector<std::vector<float>> parameters_of(const Net& net) {
  std::vector<std::vector<float>> all;
  tenon::for_each_parameter(net, [&](const tenon::Path&, const auto& p) { all.push_back(p.value().to_vector()); });
  return all;
}

/// Ours(rate) and theirs(rate) make trainings of one model. `compared` and `timed`: learning rates; the second is small,
/// so that the work of a step stays what it is.
template <class Ours, class Theirs>
void add_pair(bench::Contest& contest, Ours ours, Theirs theirs, double compared, double timed) {
  bench::torch_peer::set_threads(omp_get_max_threads());
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

template <int Batch> void prepare_classifier(bench::Contest& contest) {
  add_pair(
      contest, [](double rate) { return std::make_shared<nets::ClassifierTraining>(Batch, rate); },
      [](double rate) {
        return bench::torch_peer::classifier({784, 512, 256, 10}, bench::uniform<float>(Batch * 784, 8, 0, 1),
                                             nets::class_labels(Batch), rate);
      },
      0.1, 1e-4);
}
void prepare_tiny(bench::Contest& contest) {
  add_pair(
      contest, [](double rate) { return std::make_shared<nets::TinyTraining>(rate); },
      [](double rate) {
        return bench::torch_peer::regression({4, 32, 32, 1}, bench::uniform<float>(32 * 4, 8, 0, 1),
                                             bench::uniform<float>(32, 9, -1, 1), rate);
      },
      0.1, 1e-4);
}

const bool registered = [] {
  const std::string group = "training step";
  bench::add({.group = group,
              .name = "a: 784-512-256-10, batch 64",
              .work = {.flops = bench::nets::step_flops(64, {784, 512, 256, 10})},
              .goals = {bench::at_least(1.35, "LibTorch")},
              .prepare = prepare_classifier<64>});
  bench::add({.group = group,
              .name = "a1: 784-512-256-10, batch 1",
              .work = {.flops = bench::nets::step_flops(1, {784, 512, 256, 10})},
              .goals = {bench::at_least(4, "LibTorch")},
              .prepare = prepare_classifier<1>});
  bench::add({.group = group,
              .name = "b: 4-32-32-1 tanh, batch 32",
              .work = {.flops = bench::nets::step_flops(32, {4, 32, 32, 1})},
              .goals = {bench::at_least(25, "LibTorch"), bench::within(8e-6)},
              .prepare = prepare_tiny});
  return true;
}();

}  // namespace
