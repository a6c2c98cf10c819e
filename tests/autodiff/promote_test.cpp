#include <optional>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;

TEST_CASE("promote: the copy outlives its frame, the value does not", "[autodiff][promote]") {
  tn::Tensor<float, 3> x = {1, 2, 3};
  tn::Arena arena;
  tn::Scope outer(arena);
  std::optional<tn::Value<float, 3>> kept, stale;
  for (int i = 0; i < 3; ++i) {
    tn::Scope inner(arena);
    tn::Value y = inner.input(x) * 2 + static_cast<float>(i);
    stale.emplace(y);
    kept.emplace(inner.promote(y));
  }
  CHECK(kept->to_vector() == std::vector<float>{4, 6, 8});
  CHECK_THROWS_AS(stale->item(), tn::OwnershipError);
  CHECK_THROWS_AS(stale->to_vector(), tn::OwnershipError);
  tn::Value z = *kept + 1;  // still usable as an operand of the outer frame
  CHECK(z(2) == 9);
  CHECK_THROWS_AS(outer.promote(z), tn::OwnershipError);
}

TEST_CASE("promote: a value of a step becomes a constant of the frame around it", "[autodiff][promote]") {
  tn::Tensor<float, 2> x = {3, 4};
  tn::Arena arena;
  tn::Scope outer(arena);
  std::optional<tn::Value<float>> loss;
  {
    tn::Step step(arena);
    tn::Value v = step.variable(x);
    tn::Value l = sum(v * v);
    std::move(step).backward(l);
    loss.emplace(step.promote(l));
  }
  CHECK(loss->item() == 25);
}

TEST_CASE("copy_from: a recorded value into a tensor outside, the gradient unharmed", "[autodiff][copy_from]") {
  tn::Tensor<float, 2> x = {3, 4}, y;
  tn::Arena arena;
  tn::Step step(arena);
  tn::Value v = step.variable(x);
  tn::Value h = v * v;
  CHECK_THROWS_AS((y = h), tn::OwnershipError);
  y.copy_from(h);
  CHECK(y.to_vector() == std::vector<float>{9, 16});
  tn::Value l = sum(h);
  const auto g = std::move(step).backward(l);
  CHECK(g.of(v)(1) == 8);
}
