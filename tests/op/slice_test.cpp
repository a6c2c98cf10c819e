#include "tenon/op/slice.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/exp.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {
tn::Tensor<double, 3, 4, 2> drawn() {
  tn::Rng rng(4);
  return tn::uniform<double, 3, 4, 2>(rng, -1, 1);
}
/// slice of a value, of an expression and t(...) of a tensor are the same elements.
template <class... Items> void check_values(Items... items) {
  const auto t = drawn();
  tn::Arena arena;
  tn::Scope scope(arena);
  const tn::Value v = scope.input(t);
  const tn::Tensor want(t(items...));
  CHECK(tn::equal(v(items...), want));
  CHECK(tn::equal(tn::slice(t, items...), want));
  CHECK(tn::equal((v + v)(items...), 2 * want));
  CHECK(tn::equal(tn::slice(tn::transpose(tn::transpose(v)), items...), want));
}
}  // namespace

TEST_CASE("slice: parts of values and expressions are those of tensors", "[op][slice]") {
  check_values(1);
  check_values(tn::all, -1);
  check_values(tn::ellipsis, 0);
  check_values(tn::range(2, tn::Range::open, -2), tn::all, tn::range(1, 2));
  check_values(tn::newaxis, 0, tn::range(1, 3), tn::newaxis);
  check_values(tn::range(1, 1));
  check_values(tn::range(0, 3), tn::range(0, 4), tn::range(0, 2));
}
TEST_CASE("slice: an element of an expression is a number", "[op][slice]") {
  const auto t = drawn();
  const auto e = t + t;
  CHECK(e(2, 3, 1) == 2 * t(2, 3, 1));
  CHECK(e(-1, -1, -1) == 2 * t(2, 3, 1));
  CHECK_THROWS_AS(e(3, 0, 0), tn::ShapeError);
  CHECK_THROWS_AS(e(0, 4), tn::ShapeError);
}
TEST_CASE("slice: many parts of one value, in a loop of run-time length", "[op][slice][grad]") {
  const auto x = drawn();
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  tn::Value h = tn::zeros<double, 4, 2>(step);
  for (Index t = 0; t < 3; ++t) h = h * 0.5 + v(t);
  const auto g = std::move(step).backward(tn::sum(h));
  for (Index t = 0; t < 3; ++t)
    for (Index i = 0; i < 8; ++i) CHECK(g.of(v)(t, i / 2, i % 2) == (t == 0 ? 0.25 : t == 1 ? 0.5 : 1));
}
TEST_CASE("slice: a part of a parameter is recorded", "[op][slice][grad]") {
  tn::Parameter<double, 3, 4, 2> w(drawn());
  tn::Arena arena;
  tn::Step step(arena, w);
  std::move(step).backward(tn::sum(w(1, tn::all, 0) * 3));
  for (Index i = 0; i < 3; ++i)
    for (Index j = 0; j < 4; ++j)
      for (Index k = 0; k < 2; ++k) CHECK(w.gradient()(i, j, k) == (i == 1 && k == 0 ? 3 : 0));
}
