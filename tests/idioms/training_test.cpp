// What one writes every day with modules, steps and gradients: builds without a warning, and means what it says.
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "tenon/autodiff/functional.hpp"
#include "tenon/op.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

template <Index In, Index Out> struct Dense {
  tn::Parameter<float, In, Out> weight;
  tn::Parameter<float, Out> bias;
  auto operator()(const auto& x) const { return matmul(x, weight) + bias; }
};
struct Net {
  Dense<3, 4> first;
  std::vector<Dense<4, 4>> middle = std::vector<Dense<4, 4>>(2);
  Dense<4, 1> last;
  auto operator()(const auto& x) const {
    tn::Value h = relu(first(x));
    for (const auto& layer : middle) h = relu(layer(h)) + h;
    return last(h);
  }
};
void start(auto& net) {
  tn::Rng rng(1);
  tn::for_each_parameter(net, [&](const tn::Path&, auto& p) { rng.fill_normal(p.mut().data(), p.size(), 0.f, 0.5f); });
}
void descend(auto& net) {
  tn::for_each_parameter(net, [](const tn::Path&, auto& p) {
    if (!p.has_gradient()) return;
    p.mut() -= 0.02f * p.gradient();
    p.clear_gradient();
  });
}
using Batch = tn::Tensor<float, 8, 3>;
Batch batch() {
  Batch x;
  tn::Rng(2).fill_normal(x.mut().data(), x.size());
  return x;
}

}  // namespace

TEST_CASE("idiom: a training loop", "[idioms][training]") {
  Net net;
  start(net);
  const auto x = batch();
  tn::Arena arena;
  float first = 0, last = 0;
  for (int epoch = 0; epoch < 40; ++epoch) {
    tn::Step step(arena, net);
    auto y = net(step.input(x));
    auto loss = mse(y, x(tn::all, tn::range(0, 1)));
    last = loss.item();
    if (epoch == 0) first = last;
    std::move(step).backward(loss);
    descend(net);
  }
  CHECK(last < first / 2);
}
TEST_CASE("idiom: one function for training and inference", "[idioms][training]") {
  Net net;
  start(net);
  const auto x = batch();
  tn::Arena arena;
  auto score = [&](auto& frame) { return mean(net(frame.input(x))).item(); };
  float a = 0, b = 0;
  {
    tn::Step step(arena, net);
    a = score(step);
  }
  {
    tn::Scope scope(arena);
    b = score(scope);
  }
  CHECK(a == b);
}
TEST_CASE("idiom: modules in containers", "[idioms][training]") {
  std::vector<Dense<3, 3>> layers(3);
  std::array<Dense<3, 3>, 2> pair;
  std::optional<Dense<3, 3>> maybe(std::in_place);
  auto owned = std::make_unique<Dense<3, 3>>();
  layers.resize(5);
  layers.emplace_back();
  start(layers), start(pair), start(*maybe), start(*owned);
  tn::Arena arena;
  tn::Step step(arena, layers, pair, *maybe, *owned);
  tn::Value h = step.input(batch());
  for (const auto& layer : layers) h = tanh(layer(h));
  for (const auto& layer : pair) h = tanh(layer(h));
  std::move(step).backward(sum((*owned)((*maybe)(h))));
  CHECK(layers.back().weight.has_gradient());
  CHECK(owned->bias.gradient()(0) == 8);
}
TEST_CASE("idiom: modules move and are returned", "[idioms][training]") {
  auto make = [] {
    Net net;
    start(net);
    return net;
  };
  Net net = make();
  Net other = std::move(net);
  net = make();
  CHECK(tn::Tensor(net.first.weight - other.first.weight)(0, 0) == 0);
}
TEST_CASE("idiom: losses are added, weighed, watched", "[idioms][training]") {
  Dense<3, 1> net;
  start(net);
  tn::Arena arena;
  tn::Step step(arena, net);
  const auto y = tn::Value(net(step.input(batch())));
  auto fit = mean(square(y - 1));
  auto size = 0.01 * sum(square(net.weight));
  const float shown = fit.item() + size.item();
  auto loss = fit + size;
  CHECK(loss.item() == Approx(shown));
  std::move(step).backward(loss);
}
TEST_CASE("idiom: a recurrent net of run-time length", "[idioms][training]") {
  Dense<3, 3> cell;
  start(cell);
  tn::Arena arena;
  std::vector<Batch> steps;
  for (int t = 0; t < 4; ++t) steps.push_back(batch());
  tn::Step step(arena, cell);
  tn::Value h = step.input(Batch());
  std::vector<decltype(h)> all;
  for (const auto& x : steps) {
    h = tanh(cell(h) + step.input(x));
    all.push_back(h);
  }
  auto loss = sum(all[0] * all[3]);
  std::move(step).backward(loss);
  CHECK(cell.weight.has_gradient());
}
TEST_CASE("idiom: gradients of functions, unpacked", "[idioms][training]") {
  const tn::Tensor<float, 3> a = {1, 2, 3}, b = {4, 5, 6};
  auto f = [](const auto& x, const auto& y) { return sum(x * y * y); };
  auto [value, g] = tn::value_and_grad(f)(a, b);
  auto& [ga, gb] = g;
  const auto ones = tn::grad([](const auto& x) { return sum(x); })(a);
  auto [y, dy] = tn::jvp([](const auto& x) { return x * x; }, a, b);
  CHECK(value == 16 + 50 + 108);
  CHECK(ga(0) + gb(0) == 16 + 8);
  CHECK(ones(1) == 1);
  CHECK(y(1) + dy(1) == 4 + 20);
}
TEST_CASE("idiom: gradients of inputs", "[idioms][training]") {
  Dense<3, 1> net;
  start(net);
  const auto x = batch();
  tn::Arena arena;
  tn::Step step(arena, net);
  tn::Value in = step.variable(x);
  const auto g = std::move(step).backward(sum(net(in)));
  const tn::Tensor saliency = abs(g.of(in));
  CHECK(saliency(0, 1) == Approx(std::abs(net.weight(1, 0))));
}
TEST_CASE("idiom: early exits leave everything tidy", "[idioms][training]") {
  Dense<3, 1> net;
  tn::Arena arena;
  auto run = [&](int when) {
    for (int k = 0; k < 5; ++k) {
      tn::Step step(arena, net);
      if (k == when) return k;
      if (k == 3) continue;
      std::move(step).backward(sum(net(step.input(batch()))));
    }
    return -1;
  };
  CHECK(run(2) == 2);
  CHECK(run(9) == -1);
  CHECK(!net.weight.held());
  CHECK(arena.statistics().live == 0);
}
