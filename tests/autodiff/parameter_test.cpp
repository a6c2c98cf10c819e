// Parameter: a tensor that is trained, its gradient empty or full.
#include "tenon/autodiff/parameter.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::says;
using tn::Index;

namespace {

using Weights = tn::Parameter<float, 3>;
using Row = tn::Tensor<float, 3>;
struct Net {
  Weights w = Row{1, 2, 3};
};
/// w receives the gradient `scale` everywhere.
void learn(Net& n, float scale) {
  tn::Arena arena;
  tn::Step step(arena, n);
  std::move(step).backward(sum(n.w * scale));
}

}  // namespace

TEST_CASE("parameter: begins with zeros or a value, and no gradient", "[autodiff][parameter]") {
  const Weights zero;
  CHECK(zero(1) == 0);
  const Weights w = Row{1, 2, 3};
  CHECK(w(1) == 2);
  const tn::Parameter<float, tn::dyn, 2> any = tn::Tensor<float, tn::dyn, 2>({4, 2});
  CHECK(any.size() == 8);
  CHECK(!w.has_gradient());
  CHECK(says(error_of([&] { (void)w.gradient(); }),
             "tenon::Parameter::gradient: empty: no backward since it was last used or cleared; fix: call "
             "std::move(step).backward(loss) first"));
  const tn::Parameter<float, tn::dyn> none = tn::Tensor<float, tn::dyn>({0});
  CHECK(none.size() == 0);
}
TEST_CASE("parameter: the gradient is empty, then full, then a sum", "[autodiff][parameter]") {
  Net n;
  learn(n, 2);
  CHECK(n.w.gradient()(1) == 2);
  learn(n, 3);
  CHECK(n.w.gradient()(1) == 5);
  n.w.clear_gradient();
  CHECK(!n.w.has_gradient());
  learn(n, 3);
  CHECK(n.w.gradient()(1) == 3);
}
TEST_CASE("parameter: moving leaves value, gradient and views where they are", "[autodiff][parameter]") {
  Net n;
  learn(n, 2);
  auto value = n.w.view();
  auto gradient = n.w.gradient();
  Weights moved = std::move(n.w);
  CHECK(value(2) == 3);
  CHECK(gradient(2) == 2);
  CHECK(moved.has_gradient());
  CHECK(!n.w.has_gradient());
  CHECK(says(error_of([&] { (void)tn::Tensor(n.w * 2.f); }), "used after it was moved from"));
  n.w = std::move(moved);
  CHECK(n.w.gradient()(2) == 2);
  CHECK(value(2) == 3);
}
TEST_CASE("parameter: a clone has the value, not the gradient", "[autodiff][parameter]") {
  Net n;
  learn(n, 2);
  Weights w = n.w.clone();
  CHECK(w(2) == 3);
  CHECK(!w.has_gradient());
  w.mut() = 0;
  CHECK(n.w(2) == 3);
}
TEST_CASE("parameter: writing is between steps", "[autodiff][parameter]") {
  Net n;
  tn::Arena arena;
  {
    tn::Step step(arena, n);
    CHECK(
        says(error_of([&] { n.w.mut(); }),
             " learns or reads this storage, so it cannot be written; fix: call std::move(step).backward(loss) first"));
    CHECK(says(error_of([&] { n.w.clear_gradient(); }), "tenon::Parameter::clear_gradient: an open Step (opened at "));
    CHECK(says(error_of([&] { n.w = Weights(); }), "cannot be written"));
    CHECK(n.w.view()(0) == 1);
    std::move(step).backward(sum(n.w * 2.f));
    CHECK(error_of([&] { n.w.mut_gradient() *= 2.f; }).empty());
    n.w.mut() += 1;
  }
  CHECK(n.w(0) == 2);
  CHECK(n.w.gradient()(0) == 4);
}
TEST_CASE("parameter: clipping writes the gradient, not while a step adds to it", "[autodiff][parameter]") {
  Net n;
  learn(n, 2);
  n.w.mut_gradient() = 0.5f;
  CHECK(n.w.gradient()(1) == 0.5f);
  tn::Arena arena;
  tn::Step step(arena, n);
  CHECK(says(error_of([&] { n.w.mut_gradient(); }), "tenon::Parameter::mut_gradient: an open Step (opened at "));
}
TEST_CASE("parameter: outside every step it is plain data", "[autodiff][parameter]") {
  Net n;
  const Row x = {1, 1, 1};
  const tn::Tensor y = n.w * x + n.w;
  CHECK(y(2) == 6);
  CHECK(!n.w.has_gradient());
  const float total = sum(n.w).item();
  CHECK(total == 6);
}
TEST_CASE("parameter: moved from, it is refused", "[autodiff][parameter]") {
  Net n;
  learn(n, 0.5f);
  const Net taken = std::move(n);
  CHECK(says(error_of([&] { n.w.clear_gradient(); }), "used after it was moved from"));
  CHECK(says(error_of([&] { (void)n.w.mut_gradient(); }), "tenon::Parameter::gradient"));
  CHECK(taken.w.gradient()(0) == 0.5f);
}
