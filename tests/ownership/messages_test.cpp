// What the errors say, word for word: place, what, shapes or names on both sides, and how to fix it. Errors of ownership
// have theirs in autodiff/ownership_test.cpp, those of readers in io/.
#include <vector>

#include "tenon/autodiff/functional.hpp"
#include "tenon/data/dataset.hpp"
#include "tenon/nn/conv2d.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/dropout.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/optim/sgd.hpp"
#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/make.hpp"
#include "tenon/tensor/make_range.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;

namespace {

template <Index... E> using F = tn::Tensor<float, E...>;
enum class Place { told, not_told };  // an operator cannot record where it stands
struct Case {
  Place place;
  std::string message;
  void (*call)();
};
F<dyn, dyn> table(Index rows, Index columns) { return tn::zeros<float>(rows, columns); }
F<dyn> line(Index n) { return tn::zeros<float>(n); }
template <std::size_t N> void check_all(const Case (&cases)[N]) {
  for (const auto& c : cases) {
    const std::string said = tenon_test::error_of(c.call);
    const bool placed = c.place == Place::told;
    CAPTURE(c.message, said);
    CHECK(tenon_test::says(said, "; fix: "));
    CHECK(tenon_test::says(said, __FILE__) == placed);
    CHECK(said.substr(placed ? said.find(": ") + 2 : 0) == c.message);
  }
}

}  // namespace

TEST_CASE("messages: shapes and positions", "[ownership][messages]") {
  static const Case cases[] = {
      {Place::not_told,
       "tenon::add: shapes (2, 3) and (3, 2) do not broadcast; fix: extents, aligned from the right, must be equal or "
       "1",
       [] { (void)(table(2, 3) + table(3, 2)); }},
      {Place::told,
       "tenon::matmul: a of shape (2, 3) and b of shape (2, 3): a has 3 columns but b has 2 rows; fix: transpose(a), "
       "or "
       "transpose(b), swaps the last two dimensions",
       [] { (void)matmul(table(2, 3), table(2, 3)); }},
      {Place::not_told,
       "tenon::Shape: extent 1 is 4 but the type says 3; fix: give the extents that the type names, and 0 or more "
       "where it says dyn",
       [] { (void)tn::Shape<dyn, 3>(2, 4); }},
      {Place::not_told,
       "tenon::Shape: extent 0 is -2; an extent is not negative; fix: give the extents that the type names, and 0 or "
       "more where it says dyn",
       [] { (void)tn::Shape<dyn>(-2); }},
      {Place::told,
       "tenon::Tensor: the shape is (2, 3) but the type asks for (dyn, 4); fix: write dyn where the extent varies, or "
       "give the shape that the type names",
       [] { const F<dyn, 4> t(table(2, 3) + 1); }},
      {Place::told,
       "tenon: a tensor of shape (4294967296, 4294967296) with 4 bytes an element overflows the address space; fix: "
       "check "
       "the extents; a product of them may have overflowed before",
       [] {
         (void)F<dyn, dyn>({Index{1} << 32, Index{1} << 32});
       }},
      {Place::not_told,
       "tenon: index 3 is outside dimension 1 of extent 3; fix: positions count from 0, or from the end by -1; "
       "range(first, last) may reach beyond",
       [] { (void)table(2, 3)(0, 3); }},
      {Place::not_told, "tenon: a range has a step of 0; fix: give 1, or a negative step to go backwards",
       [] {
         const auto x = line(3);
         (void)x(tn::range(0, 3, 0));
       }},
      {Place::not_told,
       "tenon::assign: shapes (3,) and (2,) do not broadcast; fix: extents, aligned from the right, must be equal or 1",
       [] {
         auto x = line(3);
         x.mut() = line(2);
       }},
      {Place::not_told,
       "tenon::assign: a value of shape (3,) does not fit the destination of shape (1,); fix: give a value whose shape "
       "broadcasts to the destination",
       [] {
         auto x = line(1);
         x.mut() = line(3);
       }},
      {Place::told,
       "tenon::item: the view has shape (3,), not one element; fix: name an element by position, or reduce first, for "
       "example by sum",
       [] { (void)line(3).item(); }},
      {Place::told,
       "tenon::item: the expression has shape (3,), not one element; fix: name an element by position, or reduce "
       "first, for example by sum",
       [] { (void)(line(3) + 1).item(); }},
      {Place::not_told,
       "tenon::View: the elements of this part do not lie side by side; fix: iterate over its clone(), or its "
       "to_vector()",
       [] {
         const auto x = table(2, 3);
         (void)x(tn::all, 0).begin();
       }},
      {Place::told,
       "tenon::split: cannot cut shape (3,) at 4 along axis 0; fix: name an axis from 0 on, and a place between 0 and "
       "its extent",
       [] {
         auto x = line(3);
         (void)x.mut().split(0, 4);
       }},
      {Place::told,
       "tenon::allclose: shapes (2,) and (3,) differ; fix: compare tensors of one shape; broadcast_to(x, shape) "
       "repeats",
       [] { (void)tn::allclose(line(2), line(3)); }},
      {Place::not_told, "tenon::max: no elements to reduce; fix: check the shape, or give the axes that are not empty",
       [] { (void)max(line(0)).item(); }},
      {Place::not_told, "tenon::arange: a step of 0; fix: give a step that is not 0, or linspace(first, last, n)",
       [] { (void)tn::arange(0, 3, 0); }},
  };
  check_all(cases);
}
TEST_CASE("messages: other orders and shapes of the same elements", "[ownership][messages]") {
  static const Case cases[] = {
      {Place::told,
       "tenon::squeeze: dimension 0 of shape (2, 3) is not 1; fix: name a dimension of extent 1, or reshape",
       [] { (void)tn::squeeze(table(2, 3), tn::axis<0>); }},
      {Place::told,
       "tenon::reshape: the elements of this view of shape (3, 2) have gaps, or another order, that a view of shape "
       "(6,) "
       "cannot follow; fix: reshape a copy: reshape(eval(x), ...)",
       [] {
         const auto x = table(2, 3);
         (void)tn::reshape(transpose(x), {6});
       }},
      {Place::told,
       "tenon::reshape: 6 elements do not fit extents (4, -1); fix: their product must be the number of elements; one "
       "of them may be -1, when the others tell it",
       [] {
         const auto x = table(2, 3);
         (void)tn::reshape(x, {4, -1});
       }},
      {Place::told, "tenon::broadcast_to: shape (2, 3) does not broadcast to (4, 3); fix: an extent must stay, or be 1",
       [] {
         const auto x = table(2, 3);
         (void)tn::broadcast_to(x, {4, 3});
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: steps, gradients, optimisers", "[ownership][messages]") {
  static const Case cases[] = {
      {Place::told,
       "tenon::Step::backward: the value has shape (3,) but its seed (2,); fix: give a seed of the shape of the value",
       [] {
         tn::Arena arena;
         tn::Step step(arena);
         tn::Value v = step.variable(line(3));
         std::move(step).backward(v * v, line(2));
       }},
      {Place::told,
       "tenon::jvp: the point has shape (3,) but its direction (2,); fix: give a direction of the shape of the point",
       [] { (void)tn::jvp([](const auto& x) { return x * x; }, line(3), line(2)); }},
      {Place::told, "tenon::promote: there is no frame around this one; fix: clone() the value into a Tensor instead",
       [] {
         tn::Arena arena;
         tn::Scope scope(arena);
         (void)scope.promote(scope.input(line(3)));
       }},
      {Place::told,
       "tenon::dropout: rate is 1.500000, outside [0, 1); fix: give the share of elements that are dropped, for "
       "example 0.1",
       [] {
         tn::Arena arena;
         tn::Scope scope(arena);
         (void)tn::Value(dropout(scope.input(line(3)), 1.5));
       }},
      {Place::told,
       "tenon::optim::SGD: momentum is -1.000000, outside [0.000000, inf); fix: give a number in that range",
       [] {
         tn::Parameter<float, 3> w;
         tn::optim::SGD sgd(w, {.learning_rate = 1, .momentum = -1});
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: layers and data", "[ownership][messages]") {
  static const Case cases[] = {
      {Place::told,
       "tenon::data::Dataset: 2 samples but 3 labels; fix: give one label a sample; check that both come from the same "
       "files",
       [] { tn::data::Dataset(table(2, 3), tn::zeros<std::int32_t>(3)); }},
      {Place::told,
       "tenon::data::Dataset: sample 0 has label 4 of 3 classes; fix: labels count from 0 and are below the number of "
       "classes",
       [] { tn::data::Dataset(table(1, 3), tn::full<std::int32_t>(4, 1), 3); }},
  };
  check_all(cases);
}
