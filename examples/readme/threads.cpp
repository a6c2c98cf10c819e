#include <tenon/tenon.hpp>

#include "readme.hpp"

namespace tn = tenon;

namespace {

using Net = tn::nn::Linear<4, 1>;

// README
// What it is given is its own: it runs on another thread.
Net learn_part(Net net, tn::Frozen<float, tn::dyn, 4> x, tn::Index part) {
  tn::Arena arena;
  tn::Step step(arena, net);
  auto mine = step.input(x(tn::range(8 * part, 8 * part + 8)));
  std::move(step).backward(mean(square(net(mine) - sum(mine, tn::axis<1>, tn::keep_dims))));
  return net;
}
// END

float train() {
  tn::Rng rng(3);
  auto net = tn::nn::init<Net>(rng);
  auto adam = tn::optim::Adam(net, {.learning_rate = 1e-2});
  const auto samples = tn::normal<float, tn::dyn, 4>(rng, 16, 4);
  // README
  auto x = tn::freeze(samples.clone());  // what threads share: nobody writes it
  auto replicas = tn::replicas(net, 2);  // they read net's weights, and have gradients of their own
  auto first = tn::spawn(&learn_part, std::move(replicas[0]), x, 0);
  auto second = tn::spawn(&learn_part, std::move(replicas[1]), x, 1);
  replicas[0] = first.get();  // what it returned, or threw
  replicas[1] = second.get();
  tn::merge_gradients(net, replicas);  // in this order, whatever thread was first: always the same bits
  adam.update(net);                    // an error while a replica is away
  // END
  return sum(net.weight.value()).item();
}

}  // namespace

void threads() {
  if (train() != train())
    throw tn::ValueError(tn::Loc::current(), "the README's threads came to two results", "compare the gradients");
}
