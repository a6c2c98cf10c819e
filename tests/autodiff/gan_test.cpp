// Two nets against each other in one loop: each Step trains its own part, the other part is constant.
#include <cmath>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/bce_with_logits.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/negative.hpp"
#include "tenon/op/softplus.hpp"
#include "tenon/op/subtract.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/catch.hpp"
#include "tests/effort.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

template <Index In, Index Out> struct Dense {
  tn::Parameter<float, In, Out> weight;
  tn::Parameter<float, Out> bias;
  auto operator()(const auto& x) const { return matmul(x, weight) + bias; }
};
struct Generator {
  Dense<2, 8> hidden;
  Dense<8, 1> output;
  auto operator()(const auto& z) const { return output(tanh(hidden(z))); }
};
struct Critic {
  Dense<1, 8> hidden;
  Dense<8, 1> output;
  auto operator()(const auto& x) const { return output(tanh(hidden(x))); }
};
constexpr Index batch = 64;
using Noise = tn::Tensor<float, batch, 2>;
using Samples = tn::Tensor<float, batch, 1>;

void start(auto& net, std::uint64_t seed) {
  tn::Rng rng(seed);
  tn::for_each_parameter(net, [&](const tn::Path&, auto& p) { rng.fill_normal(p.mut().data(), p.size(), 0.f, 0.5f); });
}
void descend(auto& net, float rate) {
  tn::for_each_parameter(net, [&](const tn::Path&, auto& p) {
    p.mut() -= p.gradient() * rate;
    p.clear_gradient();
  });
}
bool any_gradient(auto& net) {
  bool any = false;
  tn::for_each_parameter(net, [&](const tn::Path&, auto& p) { any = any || p.has_gradient(); });
  return any;
}
double checksum(auto& net) {
  double s = 0, k = 1;
  tn::for_each_parameter(net, [&](const tn::Path&, auto& p) {
    for (const float x : p.value()) s += x * (k += 0.25);
  });
  return s;
}

}  // namespace

TEST_CASE("gan: two nets, two steps a turn, frozen parts stay as they are", "[autodiff][gan]") {
  Generator generator;
  Critic critic;
  start(generator, 1), start(critic, 2);
  tn::Rng rng(3);
  tn::Arena arena;
  Noise z;
  Samples real;
  Index warm = 0;
  auto mean_of = [&] {
    tn::Scope scope(arena);
    rng.fill_normal(z.mut().data(), z.size());
    return mean(generator(scope.input(z))).item();
  };
  for (int turn = 0; turn < tests::effort(1500, 40); ++turn) {
    rng.fill_normal(z.mut().data(), z.size());
    rng.fill_normal(real.mut().data(), real.size(), 3.f, 0.5f);
    {
      tn::Step step(arena, critic);
      const double before = turn == 0 ? checksum(generator) : 0;
      auto fake = generator(step.input(z));
      auto loss = mean(softplus(-critic(step.input(real)))) + mean(softplus(critic(fake)));
      std::move(step).backward(loss);
      CHECK(!any_gradient(generator));
      descend(critic, 0.05f);
      if (turn == 0) CHECK(checksum(generator) == before);
    }
    {
      tn::Step step(arena, generator);
      auto loss = mean(softplus(-critic(generator(step.input(z)))));
      std::move(step).backward(loss);
      CHECK(!any_gradient(critic));
      descend(generator, 0.05f);
    }
    if (turn == 3) warm = arena.statistics().system_allocations;
  }
  CHECK(arena.statistics().system_allocations == warm);
  if (!tests::slow) CHECK(std::abs(mean_of() - 3) < 1);  // it began near 0
}
TEST_CASE("gan: both nets in one step learn from one loss", "[autodiff][gan]") {
  Generator generator;
  Critic critic;
  start(generator, 1), start(critic, 2);
  tn::Arena arena;
  Noise z;
  tn::Rng(5).fill_normal(z.mut().data(), z.size());
  auto gradient = [&](auto&... nets) {
    tn::clear_gradients(generator), tn::clear_gradients(critic);
    tn::Step step(arena, nets...);
    std::move(step).backward(mean(softplus(critic(generator(step.input(z))))));
  };
  gradient(generator, critic);
  const tn::Tensor g = generator.hidden.weight.gradient().clone();
  const tn::Tensor c = critic.hidden.weight.gradient().clone();
  gradient(generator);
  CHECK(!any_gradient(critic));
  CHECK(tn::Tensor(generator.hidden.weight.gradient()).to_vector() == g.to_vector());
  gradient(critic);
  CHECK(!any_gradient(generator));
  CHECK(tn::Tensor(critic.hidden.weight.gradient()).to_vector() == c.to_vector());
  gradient(critic.output, generator.hidden);  // any parts of either
  CHECK(!critic.hidden.weight.has_gradient());
  CHECK(tn::Tensor(generator.hidden.weight.gradient()).to_vector() == g.to_vector());
}
