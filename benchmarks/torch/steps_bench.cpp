// Training steps of dense and convolutional nets side by side with LibTorch.
#include "benchmarks/torch/pair.hpp"
#include "benchmarks/train/conv_nets.hpp"
#include "benchmarks/train/nets.hpp"

namespace {

namespace nets = bench::nets;
using bench::torch_peer::add_pair;

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
template <class Net, class Theirs> void add_conv(bench::Contest& contest, Theirs theirs) {
  static constexpr int batch = 64;
  add_pair(
      contest, [](double rate) { return std::make_shared<nets::ConvTraining<Net>>(batch, rate); },
      [=](double rate) { return theirs(bench::uniform<float>(batch * 784, 8, 0, 1), nets::class_labels(batch), rate); },
      0.05, 1e-4);
}

/// Of several goals against LibTorch the first is what has to be, the others are aims.
const bool registered = [] {
  const std::string group = "training step";
  bench::add({.group = group,
              .name = "a: 784-512-256-10, batch 64",
              .work = nets::step_work(64, {784, 512, 256, 10}),
              .goals = {bench::at_least(1.35, "LibTorch"), bench::at_least(1.5, "LibTorch"), bench::of_limit(0.8)},
              .prepare = prepare_classifier<64>});
  bench::add({.group = group,
              .name = "a1: 784-512-256-10, batch 1",
              .work = nets::step_work(1, {784, 512, 256, 10}),
              .goals = {bench::at_least(4, "LibTorch"), bench::at_least(6, "LibTorch")},
              .prepare = prepare_classifier<1>});
  bench::add({.group = group,
              .name = "b: 4-32-32-1 tanh, batch 32",
              .work = nets::step_work(32, {4, 32, 32, 1}),
              .goals = {bench::at_least(25, "LibTorch"), bench::within(8e-6), bench::at_least(40, "LibTorch")},
              .prepare = prepare_tiny});
  bench::add({.group = group,
              .name = "c: LeNet-5, batch 64",
              .work = nets::conv_step_work<nets::LeNet>(64),
              .goals = {bench::at_least(3.5, "LibTorch"), bench::at_least(5, "LibTorch")},
              .prepare = [](bench::Contest& c) { add_conv<nets::LeNet>(c, bench::torch_peer::lenet); }});
  bench::add({.group = group,
              .name = "c2: CNN of 32 and 64 channels, batch 64",
              .work = nets::conv_step_work<nets::Cnn>(64),
              .goals = {bench::at_least(1.5, "LibTorch"), bench::at_least(1.8, "LibTorch"), bench::of_limit(0.75)},
              .prepare = [](bench::Contest& c) { add_conv<nets::Cnn>(c, bench::torch_peer::cnn); }});
  return true;
}();

}  // namespace
