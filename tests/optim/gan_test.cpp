// Two nets, two optimisers, one loop: a generator learns to imitate numbers that a critic tells from its own.
#include <cmath>

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/op/bce_with_logits.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/optim/sgd.hpp"
#include "tests/catch.hpp"
#include "tests/effort.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

template <Index In> struct Net {
  tn::nn::Linear<In, 8> hidden;
  tn::nn::Linear<8, 1> output;
  auto operator()(const auto& x) const { return output(tanh(hidden(x))); }
};
constexpr Index batch = 64;
std::vector<float> values(auto& net) {
  std::vector<float> all;
  tn::for_each_parameter(net,
                         [&](const tn::Path&, auto& p) { all.insert(all.end(), p.value().begin(), p.value().end()); });
  return all;
}

}  // namespace

TEST_CASE("optimisers: two of them train two nets against each other in one loop", "[optim][gan]") {
  tn::Rng rng(1);
  auto generator = tn::nn::init<Net<2>>(rng);
  auto critic = tn::nn::init<Net<1>>(rng);
  tn::optim::Adam generator_adam(generator, {.learning_rate = 5e-3});
  tn::optim::SGD critic_sgd(critic, {.learning_rate = 0.1, .momentum = 0.5});
  tn::Tensor<float, batch, 2> z;
  tn::Tensor<float, batch, 1> real;
  tn::Arena arena;
  const auto mean_of_made = [&] {
    tn::Scope scope(arena);
    return mean(generator(scope.input(z))).item();
  };
  rng.fill_normal(z.mut().data(), z.size());
  CHECK(std::abs(mean_of_made()) < 1);
  double late = 0;
  for (int turn = 0; turn < tests::effort(2000, 40); ++turn) {
    rng.fill_normal(z.mut().data(), z.size());
    rng.fill_normal(real.mut().data(), real.size(), 3.f, 0.5f);
    const auto before = turn == 7 ? values(generator) : std::vector<float>();
    {
      tn::Step step(arena, critic);  // the generator is constant
      auto judged = critic(generator(step.input(z)));
      std::move(step).backward(bce_with_logits(critic(step.input(real)), 1) + bce_with_logits(judged, 0));
      if (turn == 7) CHECK_THROWS_AS(generator_adam.update(critic), tn::OwnershipError);  // each knows its own net only
      critic_sgd.update(critic);
    }
    if (turn == 7) CHECK(values(generator) == before);
    const auto fixed = turn == 7 ? values(critic) : std::vector<float>();
    {
      tn::Step step(arena, generator);  // the critic is
      std::move(step).backward(bce_with_logits(critic(generator(step.input(z))), 1));
      generator_adam.update(generator);
    }
    if (turn == 7) CHECK((values(critic) == fixed && values(generator) != before));
    if (turn >= 1500) late += mean_of_made() / 500;
  }
  if (!tests::slow) CHECK(late == Approx(3).margin(0.3));
}
