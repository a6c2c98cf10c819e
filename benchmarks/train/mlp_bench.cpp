// One training step (forward, loss, backward, gradient descent) of three networks: 4-32-32-1 with tanh at batch 32, and
// 784-256-128-10 with relu at batch 64 and 1; and inference by the latter. The peer is plain Eigen written by hand
// (peers/eigen_mlp.hpp).
#include <memory>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/inputs.hpp"
#include "benchmarks/train/nets.hpp"
#if defined(TENON_BENCH_EIGEN)
#include "benchmarks/peers/eigen_mlp.hpp"
#endif

namespace {

namespace nets = bench::nets;
constexpr float rate = 1e-4f;  // small: the work of a step must not change while it is timed

/// The loss of the first step is what the contenders must agree on, and every parameter after it.
template <class Net> std::vector<double> loss_and_parameters(float loss, Net& net) {
  std::vector<double> all{static_cast<double>(loss)};
  net.parameters([&all](auto& weight, auto& bias) { bench::append(all, weight), bench::append(all, bias); });
  return all;
}

template <class Training> void add_step(bench::Contest& contest, const std::shared_ptr<Training>& training) {
  const auto loss = std::make_shared<float>();
  contest.subject([training, loss] { return *loss = training->step(); },
                  [training, loss] {
                    nets::Parameters<decltype(training->net)> net{training->net};
                    return loss_and_parameters(*loss, net);
                  });
}

#if defined(TENON_BENCH_EIGEN)
template <class Net> struct EigenState {
  Net net;
  typename Net::Input x{Net::batch, Net::inputs};
  float loss = 0;
  EigenState() {
    bench::fill_parameters(net, 7);
    const auto values = bench::uniform<float>(x.size(), 8, 0, 1);
    std::copy(values.begin(), values.end(), x.data());
  }
};
template <class Net, class Target> void add_eigen(bench::Contest& contest, const char* name, Target target) {
  const auto state = std::make_shared<EigenState<Net>>();
  contest.peer(
      name, [state, target] { return state->loss = state->net.step(state->x, *target, rate); },
      [state] { return loss_and_parameters(state->loss, state->net); });
}
/// A class for each image of the batch.
struct Labels {
  std::vector<std::int32_t> of;
  operator const int*() const { return of.data(); }
};
#endif

void prepare_tiny(bench::Contest& contest) {
  add_step(contest, std::make_shared<nets::TinyTraining>(rate));
#if defined(TENON_BENCH_EIGEN)
  using Column = Eigen::Matrix<float, 32, 1>;
  const auto values = bench::uniform<float>(32, 9, -1, 1);
  const auto target = std::make_shared<const Column>(Eigen::Map<const Column>(values.data()));
  add_eigen<bench::eigen::TinyMlp<float>>(contest, "Eigen, fixed", target);
  add_eigen<bench::eigen::TinyMlpDynamic<float>>(contest, "Eigen, dynamic", target);
#endif
}

template <int Batch> void prepare_images(bench::Contest& contest) {
  add_step(contest, std::make_shared<nets::ImageTraining>(Batch, rate));
#if defined(TENON_BENCH_EIGEN)
  const auto labels = std::make_shared<const Labels>(Labels{nets::class_labels(Batch)});
  add_eigen<bench::eigen::ImageMlp<float, Batch>>(contest, "Eigen", labels);
#endif
}

template <int Batch> void prepare_inference(bench::Contest& contest) {
  const auto training = std::make_shared<nets::ImageTraining>(Batch, rate);
  contest.subject([training] { return training->infer([](const auto& y) { return *y.data(); }); },
                  [training] { return training->infer([](const auto& y) { return bench::doubles(y); }); });
#if defined(TENON_BENCH_EIGEN)
  const auto state = std::make_shared<EigenState<bench::eigen::ImageMlp<float, Batch>>>();
  contest.peer(
      "Eigen", [state] { return *state->net.infer(state->x).data(); },
      [state] {
        std::vector<double> all;
        bench::append(all, state->net.infer(state->x));
        return all;
      });
#endif
}

template <int Batch> void add_images(bool infer) {
  const std::vector<double> sizes{784, 256, 128, 10};
  bench::add({.group = infer ? "inference by 784-256-128-10" : "training step of 784-256-128-10",
              .name = "batch " + std::to_string(Batch),
              .work = infer ? bench::Work{.flops = nets::forward_flops(Batch, sizes)} : nets::step_work(Batch, sizes),
              .prepare = infer ? prepare_inference<Batch> : prepare_images<Batch>});
}

bool add_all() {
  bench::add({.group = "training step of 4-32-32-1",
              .name = "batch 32",
              .work = nets::step_work(32, {4, 32, 32, 1}),
              .goals = {bench::within(10e-6)},
              .prepare = prepare_tiny});
  for (const bool infer : {false, true}) add_images<64>(infer), add_images<1>(infer);
  return true;
}
const bool registered = add_all();

}  // namespace
