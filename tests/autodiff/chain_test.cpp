// Long chains and heavy reuse: linear time, linear memory, bounded stack.
#include <pthread.h>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tests/catch.hpp"
#include "tests/effort.hpp"

namespace tn = tenon;
using tn::Index;

namespace {
/// Runs f on a thread with half a byte of stack for each of a million nodes, or 5 bytes for each of fewer: a recursion over them would not end well.
template <class F> void on_small_stack(F& f) {
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, 1 << 19) == 0);
  pthread_t thread;
  const auto body = [](void* g) -> void* {
    (*static_cast<F*>(g))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, body, &f) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  pthread_attr_destroy(&attributes);
}
}  // namespace

TEST_CASE("chain: a million nodes, on the stack of a small thread", "[autodiff][chain]") {
  constexpr int length = tests::effort(1000000, 100000);
  double value = 0, gradient = 0;
  Index nodes = 0, high_water = 0;
  auto run = [&] {
    tn::Arena arena;
    tn::Step step(arena);
    tn::Value v = step.variable(tn::Tensor<double>(1.0));
    tn::Value h = v * 1.0;
    for (int k = 0; k < length; ++k) h = h + v * (1.0 / length);
    const auto g = std::move(step).backward(h);
    value = h.item();
    gradient = g.of(v).item();
    nodes = step.node_count();
    high_water = arena.statistics().high_water;
  };
  on_small_stack(run);
  CHECK(value == Approx(2));
  CHECK(gradient == Approx(2));
  CHECK(nodes == length + 1);
  CHECK(high_water < Index{length} * 400);  // bytes a node
}
TEST_CASE("chain: doubling sixty times is sixty nodes, forward and backward", "[autodiff][chain]") {
  tn::Arena arena;
  tn::Step step(arena);
  tn::Value v = step.variable(tn::Tensor<double, 3>{1, 2, 3});
  tn::Value x = v * 1.0;
  for (int k = 0; k < 60; ++k) x = x + x;
  CHECK(step.node_count() == 61);
  const auto loops = tn::counters().loops;
  const auto g = std::move(step).backward(sum(x));
  CHECK(tn::counters().loops == loops + 1);  // only the sum; nothing is computed again
  for (int i = 0; i < 3; ++i) {
    CHECK(x(i) == (i + 1) * 0x1p60);
    CHECK(g.of(v)(i) == 0x1p60);
  }
}
TEST_CASE("chain: squares of squares reuse what is named", "[autodiff][chain]") {
  tn::Arena arena;
  tn::Step step(arena);
  tn::Value v = step.variable(tn::Tensor<double>(1.0 + 1e-7));
  tn::Value x = v * 1.0;
  for (int k = 0; k < 20; ++k) x = x * x;  // v to the 2^20
  const auto g = std::move(step).backward(x);
  CHECK(g.of(v).item() == Approx(0x1p20 * x.item() / (1.0 + 1e-7)));
}
TEST_CASE("chain: adjoints are given back as soon as they are used", "[autodiff][chain]") {
  constexpr Index n = 10000;
  auto high_water = [](int length, bool backward) {
    tn::Arena arena;
    tn::Step step(arena);
    tn::Value v = step.variable(tn::Tensor<double, n>());
    tn::Value h = v * 1.0;
    for (int k = 0; k < length; ++k) h = h * 2.0;
    if (backward) {
      auto loss = tn::eval(sum(h));
      std::move(step).backward(loss);
    }
    return arena.statistics().high_water;
  };
  const Index array = n * static_cast<Index>(sizeof(double));
  CHECK(high_water(50, true) - high_water(50, false) < 4 * array);
  CHECK(high_water(100, true) - high_water(100, false) < 4 * array);
}
