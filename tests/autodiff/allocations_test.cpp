// Warm steps, scopes and gradients ask operator new for nothing. Counts it for this program.
#include "tenon/autodiff/functional.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/softmax.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/catch.hpp"
#include "tests/counting_new.hpp"

namespace tn = tenon;
using tenon_test::new_calls;
using tn::Index;

namespace {

struct Net {
  tn::Parameter<float, 4, 8> w;
  tn::Parameter<float, 8> b;
  auto operator()(const auto& x) const { return tanh(matmul(x, w) + b); }
};
/// Calls of operator new in the 20 runs after 3.
template <class F> long warm_calls(F f) {
  for (int k = 0; k < 3; ++k) f();
  const long before = new_calls;
  for (int k = 0; k < 20; ++k) f();
  return new_calls - before;
}

}  // namespace

TEST_CASE("allocations: a warm step asks for none", "[autodiff][allocations]") {
  Net net;
  tn::Rng rng(1);
  tn::for_each_parameter(net, [&](const tn::Path&, auto& p) { rng.fill_normal(p.mut().data(), p.size()); });
  tn::Tensor<float, tn::dyn, 4> x({33, 4});
  tn::Tensor<float, tn::dyn, 8> mask({33, 8});
  mask.mut() = 0.5f;
  tn::Arena arena;
  Index rows = 33;
  auto step = [&] {
    tn::Step s(arena, net);
    tn::Value in = s.variable(x(tn::range(0, rows)));
    auto h = net(in);
    auto loss = sum(softmax(h * h, tn::axis<1>) * mask(tn::range(0, rows))) + sum(h);
    tn::Scope inner(arena);
    {
      tn::Value y = inner.input(x) * 2;
      (void)y;
    }
  };
  auto train = [&] {
    tn::Step s(arena, net);
    tn::Value in = s.variable(x(tn::range(0, rows)));
    auto h = net(in);
    auto loss = sum(softmax(h * h, tn::axis<1>) * mask(tn::range(0, rows))) + sum(h);
    const auto g = std::move(s).backward(loss);
    (void)g.of(in);
  };
  CHECK(warm_calls(train) == 0);
  CHECK(warm_calls(step) == 0);
  rows = 7;  // a smaller batch, then the larger again
  CHECK(warm_calls(train) == 0);
  rows = 33;
  CHECK(warm_calls(train) == 0);
  CHECK(arena.statistics().live == 0);
}
TEST_CASE("allocations: inference in a scope asks for none", "[autodiff][allocations]") {
  Net net;
  const tn::Tensor<float, 16, 4> x;
  tn::Arena arena;
  CHECK(warm_calls([&] {
          tn::Scope scope(arena);
          tn::Value y = softmax(net(scope.input(x)), tn::axis<1>);
          (void)y.data();
        }) == 0);
}
TEST_CASE("allocations: a step that throws gives everything back", "[autodiff][allocations]") {
  Net net;
  const tn::Tensor<float, 16, 4> x;
  tn::Arena arena;
  auto fails = [&] {
    try {
      tn::Step step(arena, net);
      [[maybe_unused]] tn::Value y = net(step.input(x));
      throw 1;
    } catch (int) {
    }
  };
  for (int k = 0; k < 3; ++k) fails();
  const Index system = arena.statistics().system_allocations;
  for (int k = 0; k < 20; ++k) fails();
  CHECK(arena.statistics().system_allocations == system);
  CHECK(arena.statistics().live == 0);
}
TEST_CASE("allocations: value_and_grad asks for its gradients only", "[autodiff][allocations]") {
  if (TENON_ASAN) return;  // there storage is not kept
  const tn::Tensor<float, 100> a, b;
  auto vg = tn::value_and_grad([](const auto& x, const auto& y) {
    auto h = x * y;
    return sum(tanh(h) + h);
  });
  CHECK(warm_calls([&] { (void)vg(a, b); }) == 0);
}
TEST_CASE("allocations: the counter counts", "[autodiff][allocations]") {
  const long before = new_calls;
  delete new int(3);
  CHECK(new_calls - before >= 0);
  CHECK(new_calls > 0);
}
