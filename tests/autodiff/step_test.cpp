// Step: gradients of parameters and inputs against plain loops, accumulation, seeds, what a step holds and lets go.
#include "tenon/autodiff/step.hpp"

#include <cmath>
#include <optional>
#include <vector>

#include "tenon/op/add.hpp"
#include "tenon/op/floor.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/square.hpp"
#include "tenon/op/stop_gradient.hpp"
#include "tenon/op/subtract.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::says;
using tn::Index;

namespace {

using Data = tn::Tensor<double, 2, 3>;
using Row = tn::Tensor<double, 3>;
Data data() { return {{1, -2, 0.5}, {0.25, 3, -1}}; }

struct Net {
  tn::Parameter<double, 3> w, b;
  auto operator()(const auto& x) const { return tanh(x * w + b); }
};
Net net() {
  Net n;
  n.w.mut() = Row{0.5, -0.25, 1};
  n.b.mut() = Row{0.1, 0.2, -0.3};
  return n;
}
/// d sum(tanh(x w + b)) / d w (of_w) or b, times `times`.
std::vector<double> truth(const Net& n, const Data& x, bool of_w, double times = 1) {
  std::vector<double> g(3);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) {
      const double y = std::tanh(x(i, j) * n.w(j) + n.b(j));
      g[static_cast<std::size_t>(j)] += times * (1 - y * y) * (of_w ? x(i, j) : 1);
    }
  return g;
}
template <class V> void check_equal(const V& got, const std::vector<double>& want) {
  REQUIRE(got.size() == static_cast<Index>(want.size()));
  for (Index i = 0; i < got.size(); ++i)
    CHECK(got.data()[i] == Approx(want[static_cast<std::size_t>(i)]).margin(1e-14));
}
void learn(tn::Arena& arena, Net& n, const Data& x) {
  tn::Step step(arena, n);
  std::move(step).backward(sum(n(step.input(x))));
}

}  // namespace

TEST_CASE("step: parameters receive the gradient of the loss", "[autodiff][step]") {
  const Data x = data();
  Net n = net();
  tn::Arena arena;
  CHECK(!n.w.has_gradient());
  learn(arena, n, x);
  check_equal(n.w.gradient(), truth(n, x, true));
  check_equal(n.b.gradient(), truth(n, x, false));
}
TEST_CASE("step: gradients add up over steps until they are cleared", "[autodiff][step]") {
  const Data x = data();
  Net n = net();
  tn::Arena arena;
  for (int k = 1; k <= 4; ++k) {
    learn(arena, n, x);
    check_equal(n.w.gradient(), truth(n, x, true, k));
    check_equal(n.b.gradient(), truth(n, x, false, k));
  }
  tn::clear_gradients(n);
  CHECK(!n.w.has_gradient());
  learn(arena, n, x);
  check_equal(n.w.gradient(), truth(n, x, true));
}
TEST_CASE("step: a loss of several parts, a value read twice, a gradient stopped", "[autodiff][step]") {
  const Data x = data();
  Net n = net();
  tn::Arena arena;
  {
    tn::Step step(arena, n);
    tn::Value in = step.input(x);
    auto first = sum(n(in));
    auto second = sum(n(in)) * 2;
    std::move(step).backward(first + second + sum(stop_gradient(n(in))));
  }
  check_equal(n.w.gradient(), truth(n, x, true, 3));
}
TEST_CASE("step: a parameter that the loss does not read stays empty", "[autodiff][step]") {
  Net n = net();
  tn::Arena arena;
  tn::Step step(arena, n);
  std::move(step).backward(sum(n.w * n.w));
  check_equal(n.w.gradient(), {1, -0.5, 2});
  CHECK(!n.b.has_gradient());
}
TEST_CASE("step: variables receive gradients, however they came in", "[autodiff][step]") {
  const Data x = data();
  tn::Tensor<double, 3, 2> columns;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) columns.mut()(j, i) = x(i, j);
  const tn::View<double, 2, 3> turned{columns.data(), {}, {1, 2}, columns.stamp()};
  tn::Arena arena;
  tn::Step step(arena);
  tn::Value a = step.variable(x), b = step.variable(turned), c = step.variable(data()), unused = step.variable(x);
  const auto g = std::move(step).backward(sum(a * b * c + a));
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) {
      const double v = x(i, j);
      CHECK(g.of(a)(i, j) == Approx(v * v + 1));
      CHECK(g.of(b)(i, j) == Approx(v * v));
      CHECK(g.of(c)(i, j) == Approx(v * v));
      CHECK(g.of(unused)(i, j) == 0);
    }
}
TEST_CASE("step: a seed weighs the elements of a value", "[autodiff][step]") {
  const Data x = data();
  const Data seed = {{1, 0, -2}, {0.5, 3, 1}};
  tn::Arena arena;
  tn::Step step(arena);
  tn::Value v = step.variable(x);
  const auto g = std::move(step).backward(v * v * v, seed);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) CHECK(g.of(v)(i, j) == Approx(3 * x(i, j) * x(i, j) * seed(i, j)));
}
TEST_CASE("step: a seed has the value's shape", "[autodiff][step]") {
  const tn::Tensor<double, tn::dyn> x({4}), seed({5});
  tn::Arena arena;
  tn::Step step(arena);
  tn::Value v = step.variable(x);
  const auto said = error_of<tn::ShapeError>([&] { std::move(step).backward(v * v, seed); });
  CHECK(says(said, "tenon::Step::backward: the value has shape (4,) but its seed (5,)"));
}
TEST_CASE("step: backward of a variable or a parameter itself is 1", "[autodiff][step]") {
  struct Number {
    tn::Parameter<double> w;
  } n;
  tn::Arena arena;
  {
    tn::Step step(arena, n);
    std::move(step).backward(n.w);
  }
  CHECK(n.w.gradient().item() == 1);
  tn::Step step(arena);
  tn::Value v = step.variable(tn::Tensor<double>(3.0));
  const auto g = std::move(step).backward(v);
  CHECK(g.of(v).item() == 1);
}
TEST_CASE("step: no gradient, and no garbage, comes through an op that has none", "[autodiff][step]") {
  const Row x = {1.5, -2.25, 3.75};
  tn::Arena arena;
  for (int k = 0; k < 3; ++k) {  // the arena's memory holds other numbers each time
    tn::Step step(arena);
    tn::Value v = step.variable(x), noise = step.variable(x);
    tn::Value used = noise * 1e9;
    const auto g = std::move(step).backward(sum(v * floor(v) + floor(v * noise) * v + square(used)));
    for (int i = 0; i < 3; ++i) {
      CHECK(g.of(v)(i) == Approx(std::floor(x(i)) + std::floor(x(i) * x(i))));
      CHECK(g.of(noise)(i) == Approx(2e18 * x(i)));
    }
  }
}
TEST_CASE("step: only its modules learn, and only until backward", "[autodiff][step]") {
  const Data x = data();
  Net fixed = net(), learning = net();
  tn::Arena arena;
  {
    tn::Step step(arena, learning);
    auto loss = sum(fixed(step.input(x)) + learning(step.input(x)));
    fixed.w.mut()(0);  // nobody holds it, but the step has read it
    CHECK(learning.w.held());
    CHECK(!fixed.w.held());
    auto after = learning(step.input(x));
    CHECK(says(error_of([&] { std::move(step).backward(loss); }), "was modified between"));
  }
  CHECK(!learning.w.has_gradient());
  {
    tn::Step step(arena, learning);
    auto loss = sum(fixed(step.input(x)) + learning(step.input(x)));
    const Index nodes = step.node_count();
    std::move(step).backward(loss);
    CHECK(!learning.w.held());
    CHECK(step.consumed());
    tn::Value later = learning(step.input(x));  // still computes, records no more
    CHECK(step.node_count() >= nodes);
    CHECK(later.slot() == nullptr);
    CHECK(tn::Tensor(learning(step.input(x)) + 0.0)(0, 0) == later(0, 0));
    learning.w.mut()(0) = 7;  // before the brace
    CHECK(loss.item() != 0);
  }
  CHECK(!fixed.w.has_gradient());
  CHECK(learning.w.has_gradient());
}
TEST_CASE("step: what is lent cannot be written before the brace", "[autodiff][step]") {
  Data x = data();
  tn::Arena arena;
  {
    tn::Step step(arena);
    tn::Value all = step.input(x);
    tn::Value part = step.input(x(0, tn::all));
    CHECK(all(1, 1) == 3);
    CHECK(part(1) == -2);
    CHECK(says(error_of([&] { x.mut() = 0; }), " learns or reads this storage"));
    CHECK(says(error_of([&] { x = data(); }), " learns or reads this storage"));
    std::move(step).backward(sum(step.variable(x)));
    CHECK(error_of([&] { x.mut() = 0; }) != "");  // values live to the brace
    CHECK(all(1, 1) == 3);
  }
  x.mut() = 0;
  CHECK(x(1, 1) == 0);
}
TEST_CASE("step: a lent tensor may end first", "[autodiff][step]") {
  tn::Arena arena;
  tn::Step step(arena);
  std::optional<tn::Value<double, 2, 3>> v;
  {
    const Data x = data();
    v.emplace(step.variable(x));
  }
  const auto g = std::move(step).backward(sum(square(*v)));
  CHECK(g.of(*v)(1, 1) == 6);
}
TEST_CASE("step: a module may move, or end, inside the step", "[autodiff][step]") {
  const Data x = data();
  tn::Arena arena;
  std::vector<Net> nets;
  nets.push_back(net());
  {
    tn::Step step(arena, nets);
    auto loss = sum(nets[0](step.input(x)));
    for (int k = 0; k < 10; ++k) nets.push_back(net());  // the vector moves what it holds
    std::move(step).backward(loss);
  }
  check_equal(nets[0].w.gradient(), truth(nets[0], x, true));
  CHECK(!nets[0].w.held());
  auto brief = std::optional<Net>(net());
  tn::Step step(arena, *brief);
  auto loss = sum((*brief)(step.input(x)));
  brief.reset();
  CHECK_NOTHROW(std::move(step).backward(loss));
}
TEST_CASE("step: thrown away it changes nothing", "[autodiff][step]") {
  const Data x = data();
  Net n = net();
  tn::Arena arena;
  learn(arena, n, x);
  const auto w = n.w.value().to_vector();
  const tn::Tensor gradient = n.w.gradient().clone();
  for (int k = 0; k < 3; ++k) {
    try {
      tn::Step step(arena, n);
      tn::Value y = n(step.input(x));
      (void)tn::Value(matmul(y, step.input(tn::Tensor<double, 3, 3>())));
      if (k == 0) throw 1;
      if (k == 1)
        (void)tn::Tensor<double, tn::dyn, 2>(matmul(y.detach(), tn::Tensor<double, tn::dyn, tn::dyn>({4, 2})));
      if (k == 2) (void)y.view()(5, 5);
    } catch (int) {
    } catch (const tn::ShapeError&) {
    }
    CHECK(!n.w.held());
    CHECK(n.w.value().to_vector() == w);
    check_equal(n.w.gradient(), gradient.to_vector());
    CHECK(arena.top() == nullptr);
    CHECK(arena.statistics().live == 0);
  }
  n.w.mut() = n.w.value() * 1;
  learn(arena, n, x);
  check_equal(n.w.gradient(), truth(n, x, true, 2));
}
TEST_CASE("step: a backward that throws leaves empty gradients empty and ends the step's hold", "[autodiff][step]") {
  Data x = data();
  Data constant = data();
  Net n = net();
  tn::Arena arena;
  {
    tn::Step step(arena, n);
    auto h = tn::eval(n(step.input(x)) * n.w * constant);
    auto loss = sum(h + n.w);  // w is reached before the node that reads what changes
    auto evaluated = tn::eval(loss);
    constant.mut()(0, 0) = 9;
    CHECK(says(error_of([&] { std::move(step).backward(loss); }), "was modified between"));
    CHECK(evaluated.item() != 0);
    CHECK(!n.w.has_gradient());
    CHECK(!n.b.has_gradient());
    CHECK(!n.w.held());
    CHECK(says(error_of([&] { std::move(step).backward(loss); }), "has run backward already"));
  }
  learn(arena, n, x);
  check_equal(n.w.gradient(), truth(n, x, true));
}
TEST_CASE("step: a constant that ends before backward is an error, one that moved in is not", "[autodiff][step]") {
  const Data x = data();
  tn::Arena arena;
  for (const bool moves : {false, true}) {
    tn::Step step(arena);
    tn::Value v = step.variable(x);
    auto times = [&](Data c) {
      if (moves) return tn::Value(v * std::move(c));
      return tn::Value(v * c);
    };
    tn::Value y = times(data());
    const auto said = error_of([&] {
      const auto g = std::move(step).backward(sum(y));
      CHECK(g.of(v)(1, 1) == 3);
    });
    CHECK(moves == said.empty());
    if (!moves) CHECK(says(said, "stale handle"));
  }
}
TEST_CASE("step: a loop of run-time length is one tape", "[autodiff][step]") {
  const Row x = {0.5, 1, 2};
  tn::Arena arena;
  for (const int turns : {0, 1, 7}) {
    tn::Step step(arena);
    tn::Value v = step.variable(x);
    tn::Value h = v * 1.0;
    for (int t = 0; t < turns; ++t) h = h * v;
    const auto g = std::move(step).backward(sum(h));
    for (int i = 0; i < 3; ++i) CHECK(g.of(v)(i) == Approx((turns + 1) * std::pow(x(i), turns)));
  }
}
TEST_CASE("step: a parameter read by name before the step is recorded in it", "[autodiff][step]") {
  Net n = net();
  tn::Arena arena;
  auto h = n.w * n.w;  // lazy: read when the step is there
  tn::Step step(arena, n);
  std::move(step).backward(sum(h * n.w));
  for (int i = 0; i < 3; ++i) CHECK(n.w.gradient()(i) == Approx(3 * n.w(i) * n.w(i)));
}
TEST_CASE("step: values of one step are constants of a step inside it", "[autodiff][step]") {
  const Data x = data();
  Net outer_net = net(), inner_net = net();
  tn::Arena arena;
  tn::Step outer(arena, outer_net);
  tn::Value y = outer_net(outer.input(x));
  {
    tn::Step inner(arena, inner_net);
    std::move(inner).backward(sum(inner_net.w * y));
  }
  for (int j = 0; j < 3; ++j) CHECK(inner_net.w.gradient()(j) == Approx(y.view()(0, j) + y.view()(1, j)));
  std::move(outer).backward(sum(y));
  check_equal(outer_net.w.gradient(), truth(outer_net, x, true));
}
TEST_CASE("step: the value of a parameter that it learns may be an input too", "[autodiff][step]") {
  Net n = net();
  tn::Arena arena;
  tn::Step step(arena, n);
  tn::Value c = step.input(n.w.value());
  std::move(step).backward(sum(n.w * c));
  check_equal(n.w.gradient(), n.w.value().to_vector());
  n.w.mut() = 9;  // the step has let go of w; its input keeps what it read
  CHECK(c(0) == 0.5);
}
TEST_CASE("step: same numbers, same bits", "[autodiff][step]") {
  const Data x = data();
  std::vector<double> first;
  for (int k = 0; k < 3; ++k) {
    Net n = net();
    tn::Arena arena;
    for (int i = 0; i <= k; ++i) {  // a colder and a warmer arena
      tn::clear_gradients(n);
      learn(arena, n, x);
    }
    const auto g = tn::Tensor(n.w.gradient()).to_vector();
    if (k == 0) first = g;
    CHECK(g == first);
  }
}
TEST_CASE("step: random ops need a generator, and then draw the same for the same seed", "[autodiff][step]") {
  Net n = net();
  tn::Arena arena;
  {
    tn::Step step(arena, n);
    CHECK(says(error_of([&] { step.next_rng(); }),
               "an op draws random numbers but the step has no generator; fix: open it as Step step(arena, net, rng)"));
  }
  auto draws = [&](std::uint64_t seed) {
    tn::Rng rng(seed);
    std::vector<float> all;
    for (int k = 0; k < 2; ++k) {
      tn::Step step(arena, n, rng);
      for (int i = 0; i < 2; ++i) all.push_back(step.next_rng().uniform());
    }
    return all;
  };
  const auto a = draws(1);
  CHECK(a == draws(1));
  CHECK(a != draws(2));
  CHECK(a[0] != a[1]);
  CHECK(a[0] != a[2]);
}
TEST_CASE("step: gradients of a variable of an ended step are refused", "[autodiff][step]") {
  const Row x = {1, 2, 3};
  tn::Arena arena;
  std::optional<tn::Value<double, 3>> old;
  {
    tn::Step step(arena);
    old = step.variable(x);
  }
  tn::Step step(arena);  // in the same place, with the same cell
  const tn::Value now = step.variable(x);
  const tn::Gradients gradients = std::move(step).backward(sum(now * 2));
  CHECK(gradients.of(now)(1) == 2);
  CHECK(says(error_of([&] { (void)gradients.of(*old); }), "stale handle"));
}
