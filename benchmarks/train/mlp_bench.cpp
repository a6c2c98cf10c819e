// One training step (forward, loss, backward, gradient descent) of three networks: 4-32-32-1 with tanh at batch 32, and
// 784-256-128-10 with relu at batch 64 and 1. The peer is plain Eigen written by hand (peers/eigen_mlp.hpp).
#include <memory>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/inputs.hpp"
#if defined(TENON_BENCH_EIGEN)
#include "benchmarks/peers/eigen_mlp.hpp"
#endif

namespace {

constexpr float rate = 1e-4f;  // small: the work of a step must not change while it is timed

/// Flops of a step: forward, weight gradient and (from the second layer on) input gradient of each layer.
double step_flops(double batch, std::vector<double> sizes) {
  double flops = 0;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) flops += 2 * batch * sizes[i] * sizes[i + 1] * (i == 0 ? 2 : 3);
  return flops;
}

/// A class for each image of the batch.
struct Labels {
  std::vector<int> of;
  explicit Labels(int batch) {
    for (int i = 0; i < batch; ++i) of.push_back(i * 7 % 10);
  }
  operator const int*() const { return of.data(); }
};

#if defined(TENON_BENCH_EIGEN)
/// The loss of the first step is what the contenders must agree on, and every parameter after it.
template <class Net, class Target> void add_eigen(bench::Contest& contest, const char* name, Target target) {
  struct State {
    Net net;
    typename Net::Input x{Net::batch, Net::inputs};
    float loss = 0;
  };
  const auto state = std::make_shared<State>();
  bench::fill_parameters(state->net, 7);
  const auto values = bench::uniform<float>(state->x.size(), 8, 0, 1);
  std::copy(values.begin(), values.end(), state->x.data());
  contest.peer(
      name, [state, target] { return state->loss = state->net.step(state->x, *target, rate); },
      [state] {
        std::vector<double> all{static_cast<double>(state->loss)};
        state->net.parameters([&all](auto& w, auto& bias) { bench::append(all, w), bench::append(all, bias); });
        return all;
      });
}
#endif

void prepare_tiny([[maybe_unused]] bench::Contest& contest) {
#if defined(TENON_BENCH_EIGEN)
  using Column = Eigen::Matrix<float, 32, 1>;
  const auto values = bench::uniform<float>(32, 9, -1, 1);
  const auto target = std::make_shared<const Column>(Eigen::Map<const Column>(values.data()));
  add_eigen<bench::eigen::TinyMlp<float>>(contest, "Eigen, fixed", target);
  add_eigen<bench::eigen::TinyMlpDynamic<float>>(contest, "Eigen, dynamic", target);
#endif
}

template <int Batch> void prepare_images([[maybe_unused]] bench::Contest& contest) {
#if defined(TENON_BENCH_EIGEN)
  add_eigen<bench::eigen::ImageMlp<float, Batch>>(contest, "Eigen", std::make_shared<Labels>(Batch));
#endif
}

bool add_all() {
  bench::add({.group = "training step of 4-32-32-1",
              .name = "batch 32",
              .work = {.flops = step_flops(32, {4, 32, 32, 1})},
              .goals = {bench::within(10e-6)},
              .prepare = prepare_tiny});
  const std::string group = "training step of 784-256-128-10";
  bench::add({.group = group,
              .name = "batch 64",
              .work = {.flops = step_flops(64, {784, 256, 128, 10})},
              .prepare = prepare_images<64>});
  bench::add({.group = group,
              .name = "batch 1",
              .work = {.flops = step_flops(1, {784, 256, 128, 10})},
              .prepare = prepare_images<1>});
  return true;
}
const bool registered = add_all();

}  // namespace
