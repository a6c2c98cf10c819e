#include "tenon/tensor/rearrange.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/exp.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/softmax.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/make_range.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

namespace {
tn::Tensor<float, dyn, dyn, dyn> counted(Index a, Index b, Index c) {
  return tn::reshape(tn::arange<float>(a * b * c), {a, b, c});
}
tn::Tensor<double, 3, 4> drawn() {
  tn::Rng rng(1);
  return tn::uniform<double, 3, 4>(rng, -1, 1);
}
tn::Tensor<double, 4, 4> square_matrix() {
  tn::Rng rng(2);
  return tn::uniform<double, 4, 4>(rng, -1, 1);
}
}  // namespace

TEST_CASE("rearrange: a named tensor and a view give views of the same memory", "[tensor][rearrange]") {
  const auto t = counted(2, 3, 4);
  const auto turned = tn::transpose(t);
  const auto moved = tn::permute(t, tn::axis<2, 0, 1>);
  const auto flat = tn::flatten(t);
  const auto wide = tn::reshape(t, {6, -1});
  const auto more = tn::unsqueeze(t, tn::axis<1>);
  const auto less = tn::squeeze(more, tn::axis<1>);
  STATIC_REQUIRE(std::is_same_v<std::remove_const_t<decltype(turned)>, tn::View<float, dyn, dyn, dyn>>);
  STATIC_REQUIRE(std::is_same_v<std::remove_const_t<decltype(more)>, tn::View<float, dyn, 1, dyn, dyn>>);
  CHECK((turned.data() == t.data() && flat.data() == t.data() && wide.data() == t.data()));
  CHECK(tn::to_string(moved.shape()) == "(4, 2, 3)");
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 3; ++j)
      for (Index k = 0; k < 4; ++k) {
        CHECK(turned(i, k, j) == t(i, j, k));
        CHECK(moved(k, i, j) == t(i, j, k));
        CHECK(wide(3 * i + j, k) == t(i, j, k));
        CHECK(flat(12 * i + 4 * j + k) == t(i, j, k));
        CHECK(more(i, 0, j, k) == t(i, j, k));
        CHECK(less(i, j, k) == t(i, j, k));
      }
}
TEST_CASE("rearrange: views made so die with the storage", "[tensor][rearrange]") {
  std::optional<tn::View<float, dyn, dyn, dyn>> stale;
  {
    const auto t = counted(2, 2, 2);
    stale = tn::transpose(t);
  }
  CHECK(says(error_of([&] { (void)(*stale)(0, 0, 0); }), "stale"));
}
TEST_CASE("rearrange: static extents are kept and inferred", "[tensor][rearrange]") {
  const auto t = drawn();
  STATIC_REQUIRE(std::is_same_v<decltype(tn::transpose(t))::shape_type, tn::Shape<4, 3>>);
  STATIC_REQUIRE(std::is_same_v<decltype(tn::reshape<2, dyn>(t))::shape_type, tn::Shape<2, 6>>);
  STATIC_REQUIRE(std::is_same_v<decltype(tn::flatten(t))::shape_type, tn::Shape<12>>);
  STATIC_REQUIRE(std::is_same_v<decltype(tn::unsqueeze(t, tn::axis<-1>))::shape_type, tn::Shape<3, 4, 1>>);
  STATIC_REQUIRE(std::is_same_v<decltype(tn::reshape(t, 2, -1))::shape_type, tn::Shape<dyn, dyn>>);
  CHECK(tn::reshape<dyn, 3>(t, 4, 3)(1, 0) == t(0, 3));
  CHECK(tn::reshape(t, tn::Shape<6, 2>{})(5, 1) == t(2, 3));
}
TEST_CASE("rearrange: reshape refuses other sizes, and views that cannot follow", "[tensor][rearrange]") {
  const auto t = counted(2, 3, 4);
  CHECK(says(error_of<tn::ShapeError>([&] {
               (void)tn::reshape(t, {5, -1});
             }),
             "24 elements do not fit extents (5, -1)"));
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::flatten(tn::transpose(t)); }), "eval(x)"));
  const tn::Tensor copied = tn::reshape(tn::eval(tn::transpose(t)), {2, 12});
  CHECK(copied(1, 5) == t(1, 2, 1));
  const auto split = tn::reshape(tn::transpose(t), {2, 2, 2, 3});  // gaps, but a view can follow
  CHECK(split(1, 1, 0, 2) == t(1, 2, 2));
  CHECK(tn::reshape(t(tn::range(0, 0)), {0, 7}).size() == 0);
}
TEST_CASE("rearrange: broadcast_to repeats without a copy", "[tensor][rearrange]") {
  const tn::Tensor<float, 1, 3> row = {{1, 2, 3}};
  const auto wide = tn::broadcast_to(row, {4, 2, 3});
  CHECK(wide.data() == row.data());
  CHECK(wide(3, 1, 2) == 3);
  CHECK(tn::Tensor(tn::broadcast_to<2, 3>(row)).to_vector() == std::vector<float>{1, 2, 3, 1, 2, 3});
  CHECK_THROWS_AS(tn::broadcast_to(tn::Tensor<float, dyn, 3>({2, 3}), {3, 3}), tn::ShapeError);
  CHECK_THROWS_AS(tn::broadcast_to(tn::Tensor<float, dyn, 3>({1, 3}), {1, 1}), tn::ShapeError);
  const tn::Tensor<float, dyn, 3> one({1, 3});
  CHECK(tn::broadcast_to(one, {0, 3}).size() == 0);
  const Index big = Index{1} << 40;
  const tn::Tensor<float, dyn, dyn> dot({1, 1});
  CHECK_THROWS_AS(tn::broadcast_to(dot, {big, big}), tn::ShapeError);
  const auto high = tn::broadcast_to(dot, {big, 1}), flat = tn::broadcast_to(dot, {1, big});
  CHECK_THROWS_AS(tn::sum(high + flat), tn::ShapeError);  // without memory for it, too
}
TEST_CASE("rearrange: a destination may be read in another order", "[tensor][rearrange]") {
  const auto x = square_matrix();
  auto y = x.clone();
  y = tn::transpose(y) + y;
  auto z = x.clone();
  z = tn::transpose(z);
  auto w = x.clone();
  w.mut() = tn::reshape<4, 4>(tn::eval(tn::transpose(w))) * w;
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 4; ++j) {
      CHECK(y(i, j) == x(i, j) + x(j, i));
      CHECK(z(i, j) == x(j, i));
      CHECK(w(i, j) == x(j, i) * x(i, j));
    }
}
TEST_CASE("rearrange: a temporary moves in and out again", "[tensor][rearrange]") {
  auto t = drawn();
  const double* elements = t.data();
  const tn::Tensor wide = tn::reshape<2, 6>(std::move(t));
  CHECK(wide.data() == elements);
  const tn::Tensor turned = tn::transpose(drawn());
  CHECK(turned(3, 2) == drawn()(2, 3));
  const tn::Tensor sum = tn::transpose(drawn()) + tn::transpose(drawn() + drawn());
  CHECK(sum(1, 2) == 3 * drawn()(2, 1));
}
TEST_CASE("rearrange: values and parameters give expressions, not copies", "[tensor][rearrange]") {
  tn::Parameter<double, 3, 4> w(drawn());
  tn::Arena arena;
  tn::Scope scope(arena);
  const tn::Value v = scope.input(drawn());
  const auto loops = tn::counters().loops;
  const auto a = tn::transpose(v);
  const auto b = tn::reshape<2, 6>(v);
  const auto c = tn::unsqueeze(w, tn::axis<0>);
  CHECK(tn::counters().loops == loops);
  const tn::Value taken = a;  // a Value is row-major, so this copies
  CHECK(tn::counters().loops == loops + 1);
  CHECK(tn::equal(taken, tn::transpose(drawn())));
  CHECK(b(1, 2) == drawn()(2, 0));
  CHECK(c(0, 2, 3) == drawn()(2, 3));
  CHECK(tn::equal(tn::transpose(a), v));
  const tn::Value product = tn::matmul(a, v);
  CHECK(tn::allclose(product, tn::matmul(tn::transpose(drawn()), drawn())));
}
TEST_CASE("rearrange: backward may start from a rearranged value", "[tensor][rearrange][grad]") {
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(drawn());
  auto turned = tn::transpose(v);
  tn::Tensor<double, 4, 3> seed = tn::reshape<4, 3>(tn::arange<double, 12>());
  const auto g = std::move(step).backward(turned, seed);
  for (Index i = 0; i < 3; ++i)
    for (Index j = 0; j < 4; ++j) CHECK(g.of(v)(i, j) == seed(j, i));
}
