// One training step (forward, loss, backward, gradient descent) of two convolutional networks at batch 64.
#include <memory>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/train/conv_nets.hpp"

namespace {

constexpr int batch = 64;

template <class Net> void add_net(std::string name) {
  bench::add({.group = "training step of convolutional networks",
              .name = std::move(name),
              .work = bench::nets::conv_step_work<Net>(batch),
              .prepare = [](bench::Contest& contest) {
                const auto training = std::make_shared<bench::nets::ConvTraining<Net>>(batch, 1e-4);
                const auto loss = std::make_shared<float>();
                contest.subject([training, loss] { return *loss = training->step(); },
                                [loss] { return std::vector<double>{static_cast<double>(*loss)}; });
              }});
}
bool add_all() {
  add_net<bench::nets::LeNet>("LeNet-5, batch 64");
  add_net<bench::nets::Cnn>("CNN 32-64-128, batch 64");
  return true;
}
const bool registered = add_all();

}  // namespace
