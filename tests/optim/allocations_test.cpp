// A warm training step asks nobody for memory, nor do 100,000 of them.
#include <cstdio>

#include "tenon/autodiff/step.hpp"
#include "tenon/nn.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/mse.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/optim.hpp"
#include "tests/catch.hpp"
#include "tests/counting_new.hpp"
#include "tests/effort.hpp"

namespace {

namespace tn = tenon;
using tn::Index;

struct Classifier {
  tn::nn::Linear<784, 256> first;
  tn::nn::Linear<256, 128> second;
  tn::nn::Dropout dropout{0.1};
  tn::nn::Linear<128, 10> last;
  auto operator()(const auto& x) const { return last(dropout(relu(second(relu(first(x)))))); }
};

struct Small {
  tn::nn::Linear<3, 8> hidden;
  tn::nn::Linear<8, 1> last;
  auto operator()(const auto& x) const { return last(relu(hidden(x))); }
};
constexpr int steps_of_soak = tests::effort(100'000, 1'000);
/// Pages of this process in memory; 0 where the system does not say.
long resident_pages() {
  long all = 0, resident = 0;
  if (std::FILE* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%ld %ld", &all, &resident) != 2) resident = 0;
    std::fclose(f);
  }
  return resident;
}

}  // namespace

TEST_CASE("a warm training step and warm inference allocate nothing", "[optim][allocations]") {
  tn::Rng rng(1);
  auto net = tn::nn::init<Classifier>(rng);
  tn::optim::Adam adam(net, {.learning_rate = 1e-3});
  tn::Tensor<float, tn::dyn, 784> images({64, 784});
  tn::Tensor<std::int32_t, tn::dyn> labels({64});
  rng.fill_uniform(images.mut().data(), images.size());
  for (Index i = 0; i < 64; ++i) labels.mut()(i) = static_cast<std::int32_t>(i % 10);
  tn::Arena arena;
  float loss = 0;
  auto train = [&] {
    tn::Step step(arena, net, rng);
    const auto l = cross_entropy(net(step.input(images)), labels);
    loss = l.item();
    std::move(step).backward(l);
    tn::optim::clip_by_norm(net, 1);
    adam.update(net);
  };
  auto infer = [&] {
    tn::Scope scope(arena);
    return tn::Value(net(scope.input(images))).data()[0];
  };
  for (int i = 0; i < 2; ++i) train(), infer();
  const float warm = loss;
  const long before = tenon_test::new_calls;
  const Index system = arena.statistics().system_allocations;
  float sum = 0;
  for (int i = 0; i < 5; ++i) train(), sum += infer();
  CHECK(tenon_test::new_calls - before == 0);
  CHECK(arena.statistics().system_allocations == system);
  CHECK(loss < warm);  // and it learns
  CHECK(sum == sum);
  CHECK(before > 0);  // the counter counts
}

TEST_CASE("steps with batches of all sizes take no more memory than the largest one", "[optim][allocations]") {
  tn::Rng rng(1);
  auto net = tn::nn::init<Small>(rng);
  tn::optim::Adam adam(net, {.learning_rate = 1e-3});
  constexpr Index most = 24;
  tn::Tensor<float, tn::dyn, 3> x({most, 3});
  tn::Tensor<float, tn::dyn, 1> y({most, 1});
  rng.fill_uniform(x.mut().data(), x.size());
  tn::Arena arena;
  const auto train = [&](Index n) {
    tn::Step step(arena, net, rng);
    const auto loss = mse(net(step.input(x(tn::range(0, n), tn::all))), y(tn::range(0, n), tn::all));
    std::move(step).backward(loss);
    adam.update(net);
  };
  resident_pages();  // reads a file: its buffer, too, is warm
  for (int i = 0; i < 3; ++i) train(most), train(1);
  const long calls = tenon_test::new_calls, pages = resident_pages();
  const auto warm = arena.statistics();
  for (int i = 0; i < steps_of_soak; ++i) train(1 + rng.below(most));
  CHECK(tenon_test::new_calls - calls == 0);
  CHECK(arena.statistics().system_allocations == warm.system_allocations);
  CHECK(arena.statistics().high_water == warm.high_water);
  CHECK(arena.statistics().live == 0);
  // A kernel counts pages in lots of 64; a cache line a step would be 1,600. Sanitizers and emulators keep books of their own.
  if (!tests::slow) CHECK(resident_pages() - pages <= 64);
}
