// A warm training step asks nobody for memory.
#include "tenon/autodiff/step.hpp"
#include "tenon/nn.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/optim.hpp"
#include "tests/catch.hpp"
#include "tests/counting_new.hpp"

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
