// Value: one type whatever made it, cheap to copy, written once.
#include <type_traits>
#include <vector>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/greater.hpp"
#include "tenon/op/matmul.hpp"
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
}  // namespace

TEST_CASE("value: has one type whatever made it", "[autodiff][value]") {
  tn::Arena arena;
  tn::Scope scope(arena);
  tn::Value a = scope.input(Row{1, 2, 3});
  tn::Value b = a * 2 + 1;
  tn::Value c = tanh(b);
  tn::Value d = sum(a * b);
  tn::Value e = a > 1;
  STATIC_REQUIRE(std::is_same_v<decltype(a), tn::Value<float, 3>>);
  STATIC_REQUIRE(std::is_same_v<decltype(b), decltype(c)>);
  STATIC_REQUIRE(std::is_same_v<decltype(d), tn::Value<float>>);
  STATIC_REQUIRE(std::is_same_v<decltype(e), tn::Value<bool, 3>>);
  STATIC_REQUIRE(std::is_trivially_copyable_v<decltype(a)>);
  b = c;
  b = a + c;
  CHECK(static_cast<float>(d) == 1 * 3 + 2 * 5 + 3 * 7);
  CHECK(e.to_vector() == std::vector<bool>{false, true, true});
}
TEST_CASE("value: a loop of run-time length rebinds the name", "[autodiff][value]") {
  tn::Arena arena;
  tn::Scope scope(arena);
  tn::Value w = scope.input(tn::Tensor<float, 2, 2>{{1, 1}, {0, 1}});
  tn::Value h = scope.input(tn::Tensor<float, 2, 2>{{1, 0}, {0, 1}});
  const auto first = h;
  for (int t = 0; t < 10; ++t) h = matmul(h, w);
  CHECK(h(0, 1) == 10);
  CHECK(first(0, 1) == 0);  // written once: the old value is what it was
}
TEST_CASE("value: an extent may stay run-time, a static one is checked", "[autodiff][value]") {
  tn::Arena arena;
  tn::Scope scope(arena);
  tn::Value<float, tn::dyn> any = scope.input(Row{1, 2, 3}) * 2;
  CHECK(any.shape()[0] == 3);
  any = scope.input(tn::Tensor<float, 2>{4, 5}) + 0;
  CHECK(any.to_vector() == std::vector<float>{4, 5});
  const auto said = error_of<tn::ShapeError>([&] { (void)tn::Value<float, 3>(any + 0); });
  CHECK(says(said, "tenon::Value: the shape is (2,) but the type asks for (3,)"));
}
TEST_CASE("value: elements, views, iteration", "[autodiff][value]") {
  tn::Arena arena;
  tn::Scope scope(arena);
  tn::Value v = scope.input(tn::Tensor<float, 2, 3>{{1, 2, 3}, {4, 5, 6}});
  CHECK(v(1, 2) == 6);
  CHECK(v.size() == 6);
  CHECK(v.view()(tn::all, 1)(1) == 5);
  float total = 0;
  for (const float x : v) total += x;
  CHECK(total == 21);
  CHECK(error_of<tn::ShapeError>([&] { (void)v(2, 0); }) != "");
  CHECK(says(error_of<tn::ShapeError>([&] { (void)v.item(); }), "has shape (2, 3), not one element"));
}
TEST_CASE("value: empty and rank-0 ones", "[autodiff][value]") {
  tn::Arena arena;
  tn::Step step(arena);
  tn::Value none = step.variable(tn::Tensor<float, tn::dyn, 3>({0, 3}));
  tn::Value twice = none * 2;
  CHECK(twice.size() == 0);
  tn::Value one = step.variable(tn::Tensor<float>(2.f));
  tn::Value total = sum(twice) + one * one;
  const auto g = std::move(step).backward(total);
  CHECK(g.of(none).size() == 0);
  CHECK(g.of(one).item() == 4);
}
TEST_CASE("value: detach stops the gradient, clone leaves the frame", "[autodiff][value]") {
  tn::Arena arena;
  Row kept;
  {
    tn::Step step(arena);
    tn::Value v = step.variable(Row{1, 2, 3});
    tn::Value h = v * v;
    CHECK(h.detach().data() == h.data());
    auto lazy = (v * v).detach();
    kept = h.clone();
    const tn::Tensor also = lazy;  // a constant: no gradient to cut
    CHECK(also(2) == 9);
    const auto g = std::move(step).backward(sum(v * h.detach() + v * lazy));
    CHECK(g.of(v)(2) == 18);
  }
  CHECK(kept(2) == 9);
}
TEST_CASE("value: an expression of a named tensor and a value is a value", "[autodiff][value]") {
  const Row x = {1, 2, 3};
  tn::Arena arena;
  tn::Scope scope(arena);
  tn::Value v = scope.input(x);
  auto named = x * 2;  // plain
  tn::Value y = named + v;
  CHECK(y(2) == 9);
}
TEST_CASE("value: assigning through another frame's value moves the name, not the elements", "[autodiff][value]") {
  tn::Arena arena;
  tn::Scope outer(arena);
  tn::Value v = outer.input(Row{1, 2, 3});
  const tn::Value old = v;
  {
    tn::Scope inner(arena);
    tn::Value w = v * 10;
    v = old;
    CHECK(w(0) == 10);
  }
  CHECK(v(0) == 1);
}
