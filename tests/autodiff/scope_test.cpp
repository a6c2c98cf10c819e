// Scope: a frame that records nothing.
#include <cmath>
#include <optional>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::says;
using tn::Index;

namespace {

using Row = tn::Tensor<float, 3>;
struct Net {
  tn::Parameter<float, 3> w;
  auto operator()(const auto& x) const { return tanh(x * w); }
};
Net net() {
  Net n;
  n.w.mut() = Row{1, 2, 3};
  return n;
}

}  // namespace

TEST_CASE("scope: computes what a step computes, and records nothing", "[autodiff][scope]") {
  const Row x = {0.1f, 0.2f, 0.3f};
  Net n = net();
  tn::Arena arena;
  Row recorded;
  {
    tn::Step step(arena, n);
    tn::Value y = n(step.input(x));
    recorded.mut() = y.view();
    CHECK(step.node_count() == 1);
    CHECK(y.slot() != nullptr);
  }
  tn::Scope scope(arena);
  tn::Value y = n(scope.input(x));
  CHECK(scope.node_count() == 0);
  CHECK(y.slot() == nullptr);
  CHECK(y.to_vector() == recorded.to_vector());
  const tn::Tensor plain = n(x);  // no frame at all
  CHECK(plain.to_vector() == recorded.to_vector());
}
TEST_CASE("scope: parameters are not held", "[autodiff][scope]") {
  Net n = net();
  tn::Arena arena;
  tn::Scope scope(arena);
  tn::Value y = n(scope.input(Row{1, 1, 1}));
  CHECK(!n.w.held());
  n.w.mut() = 0;
  CHECK(y(0) == Approx(std::tanh(1.f)));
}
TEST_CASE("scope: its results leave as tensors", "[autodiff][scope]") {
  Net n = net();
  tn::Arena arena;
  Row a, b;
  tn::Tensor<float, tn::dyn> c({3});
  float d = 0;
  {
    tn::Scope scope(arena);
    tn::Value y = n(scope.input(Row{1, 1, 1}));
    a = y.clone();
    b = y + 0;
    c.mut() = y;
    d = sum(y).item();
  }
  for (Index i = 0; i < 3; ++i) {
    CHECK(a(i) == Approx(std::tanh(static_cast<float>(i + 1))));
    CHECK(b(i) == a(i));
    CHECK(c(i) == a(i));
  }
  CHECK(d == Approx(a(0) + a(1) + a(2)));
}
TEST_CASE("scope: inside a step nothing is recorded, and the step goes on", "[autodiff][scope]") {
  const Row x = {0.1f, 0.2f, 0.3f};
  Net n = net();
  tn::Arena arena;
  {
    tn::Step step(arena, n);
    tn::Value in = step.input(x);
    tn::Value y = in * n.w;
    const Index nodes = step.node_count();
    {
      tn::Scope scope(arena);
      tn::Value inner = y * n.w;
      CHECK(inner.slot() == nullptr);
      CHECK(step.node_count() == nodes);
      CHECK(tn::Tensor(inner + 0)(2) == Approx(0.3f * 3 * 3));  // a Tensor cuts no gradient here
    }
    std::move(step).backward(sum(y));
  }
  for (Index i = 0; i < 3; ++i) CHECK(n.w.gradient()(i) == x(i));
}
TEST_CASE("scope: what it makes dies with it", "[autodiff][scope]") {
  Net n = net();
  tn::Arena arena;
  tn::Step step(arena, n);
  tn::Value y = step.input(Row{1, 1, 1}) * n.w;
  auto kept = y;
  {
    tn::Scope scope(arena);
    kept = y * 2;
    CHECK(kept(0) == 2);
  }
  CHECK(says(error_of([&] { (void)kept(0); }), "stale handle"));
  CHECK(says(error_of([&] { (void)tn::Value(kept * 2); }), "stale handle"));
  CHECK(y.view()(0) == 1);
}
TEST_CASE("scope: a name of the outer frame is evaluated there, not in a deeper one", "[autodiff][scope]") {
  Net n = net();
  tn::Arena arena;
  tn::Step step(arena, n);
  auto h = step.input(Row{1, 1, 1}) * n.w;
  auto early = tn::eval(step.input(Row{2, 2, 2}) * n.w);
  {
    tn::Scope scope(arena);
    CHECK(says(error_of([&] { (void)sum(h); }),
               "this expression was built in an outer frame and is used first in a deeper one"));
    CHECK(sum(early).item() == 12);
  }
  std::move(step).backward(sum(h + early));
  for (Index i = 0; i < 3; ++i) CHECK(n.w.gradient()(i) == 3);
}
TEST_CASE("scope: scopes in scopes, each with its own values", "[autodiff][scope]") {
  tn::Arena arena;
  tn::Scope outer(arena);
  tn::Value a = outer.input(Row{1, 2, 3});
  for (int k = 0; k < 3; ++k) {
    tn::Scope middle(arena);
    tn::Value b = a + static_cast<float>(k);
    {
      tn::Scope inner(arena);
      tn::Value c = a * b;
      CHECK(c(2) == 3 * (3 + static_cast<float>(k)));
    }
    CHECK(b(0) == 1 + static_cast<float>(k));
  }
  CHECK(a(1) == 2);
}
TEST_CASE("scope: an input in two arenas stays unwritable until both are done with it", "[autodiff][scope]") {
  Row x = {1, 2, 3};
  tn::Arena first, second;
  std::optional<tn::Scope> one;
  one.emplace(first);
  (void)one->input(x);
  tn::Scope two(second);
  tn::Value v = two.input(x);
  one.reset();                                                   // not the order of braces, but two arenas
  if (error_of([&] { x.mut() = 9; }).empty()) CHECK(v(0) == 1);  // unwritable, or a copy of its own
}
TEST_CASE("scope: warm, it asks the system for nothing", "[autodiff][scope]") {
  const Row x = {0.1f, 0.2f, 0.3f};
  Net n = net();
  tn::Arena arena;
  Index warm = 0;
  for (int k = 0; k < 20; ++k) {
    tn::Scope scope(arena);
    tn::Value y = n(scope.input(x));
    CHECK(y.size() == 3);
    if (k == 2) warm = arena.statistics().system_allocations;
    if (k > 2) CHECK(arena.statistics().system_allocations == warm);
  }
}
TEST_CASE("scope: with two frames inside it, it takes no memory", "[autodiff][scope]") {
  const Row x = {1, 2, 3};
  tn::Arena arena;
  tn::Step outer(arena);
  const tn::Value kept = outer.variable(x), unused = outer.variable(x);
  tn::Gradients gradients = [&] {
    tn::Value y = sum(kept * kept);
    return std::move(outer).backward(y);
  }();
  tn::Scope middle(arena);
  CHECK(outer.input(x).view()(2) == 3);  // the innermost frame's parent
  tn::Scope inner(arena);
  for (const std::string& message :
       {error_of([&] { (void)outer.input(x); }), error_of([&] {
          (void)outer.input(Row{1, 2, 3});
        }),
        error_of([&] { (void)outer.variable(x); }), error_of([&] { (void)outer.input(x(tn::range(0, 2))); }),
        error_of([&] { (void)outer.make<float>(tn::Shape<3>(), [](float*) {}); })})
    CHECK(says(message, "two frames are open inside this one, so it can take no memory now"));
  CHECK(says(error_of([&] { (void)gradients.of(unused); }), "two frames are open inside the step"));
  CHECK(gradients.of(kept)(2) == 6);
  CHECK(middle.input(x).view()(0) == 1);
  CHECK(inner.input(x).view()(0) == 1);
}
TEST_CASE("scope: an expression is promoted as its value is", "[autodiff][scope]") {
  tn::Arena arena;
  tn::Scope outer(arena);
  const auto kept = [&] {
    tn::Scope inner(arena);
    const tn::Value x = inner.input(Row{1, 2, 3});
    return inner.promote(x * 2);
  }();
  CHECK(kept(2) == 6);
}
