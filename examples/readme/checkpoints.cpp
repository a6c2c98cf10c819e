#include <tenon/io/checkpoint.hpp>
#include <tenon/tenon.hpp>

#include "readme.hpp"

namespace tn = tenon;

namespace {

float train(bool resume, const std::string& path, int epochs) {
  tn::Rng rng(3);
  auto net = tn::nn::init<tn::nn::Linear<4, 1>>(rng);
  auto adam = tn::optim::Adam(net, {.learning_rate = 1e-2});
  tn::Arena arena;
  int epoch = 0;
  const auto one_epoch = [&] {
    const auto x = tn::normal<float, 8, 4>(rng);
    tn::Step step(arena, net);
    std::move(step).backward(mean(square(net(step.input(x)) - sum(x, tn::axis<1>, tn::keep_dims))));
    adam.update(net);
  };
  // README
  auto training = tn::io::checkpoint("net", net, "adam", adam, "rng", rng, "epoch", epoch);
  if (resume) training.load(path);  // everything, or an error and nothing has changed
  for (; epoch < epochs; ++epoch) one_epoch();
  training.save(path);  // the old file or all of the new one, whatever happens
  // END
  return sum(net.weight.value()).item();
}

}  // namespace

void checkpoints() {
  const std::string path = "readme_checkpoint.safetensors";
  train(false, path, 3);
  const float resumed = train(true, path, 7), straight = train(false, path, 7);
  std::remove(path.c_str());
  if (resumed != straight)
    throw tn::ValueError(tn::Loc::current(), "the README's resumed training went elsewhere", "compare the states");
}
