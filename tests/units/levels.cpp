// Trains a little net and prints its last losses, bit for bit: tests/harness/check_levels_test.cmake compares them.
#include <cstdio>

#include "tenon/tenon.hpp"

namespace tn = tenon;

namespace {
struct Net {
  tn::nn::Linear<4, 8> hidden;
  tn::nn::Dropout dropout{0.2};
  tn::nn::Linear<8, 3> output;
  auto operator()(const auto& x) const { return output(dropout(tanh(hidden(x)))); }
};
}  // namespace

int main() {
  tn::Rng rng(1);
  auto net = tn::nn::init<Net>(rng);
  tn::optim::AdamW adam(net, {.learning_rate = 1e-2});
  tn::Tensor samples = tn::normal<float>(rng, {40, 4});
  tn::Tensor labels = tn::cast<std::int32_t>(tn::argmax(samples(tn::all, tn::range(0, 3)), tn::axis<1>));
  const tn::data::Dataset set(std::move(samples), std::move(labels), 3);
  tn::Arena arena;
  for (int epoch = 0; epoch < 5; ++epoch)
    for (auto [x, y] : tn::data::batches(set, 16, rng)) {
      tn::Step step(arena, net, rng);
      auto loss = cross_entropy(net(step.input(x)), y);
      std::printf("%a\n", static_cast<double>(loss.item()));
      std::move(step).backward(loss);
      tn::optim::clip_by_norm(net, 1);
      adam.update(net);
    }
}
