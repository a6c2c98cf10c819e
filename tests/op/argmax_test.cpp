#include "tenon/op/argmax.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/argmin.hpp"
#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

namespace {
/// The first best of n numbers at(0), at(1), ...; the first NaN wins.
template <class At, class Better> std::int64_t first_best(Index n, At at, Better better) {
  for (Index i = 0; i < n; ++i)
    if (at(i) != at(i)) return i;
  Index best = 0;
  for (Index i = 1; i < n; ++i)
    if (better(at(i), at(best))) best = i;
  return best;
}
const auto larger = [](auto a, auto b) { return a > b; };
const auto smaller = [](auto a, auto b) { return a < b; };
const double not_a_number = NAN, infinity = HUGE_VAL;
}  // namespace

TEST_CASE("argmax: the first of the best along every axis, of any layout", "[op][argmax]") {
  tn::Rng rng(8);
  for (int round = 0; round < 20; ++round) {
    const Index a = 1 + rng.below(4), b = 1 + rng.below(5), c = 1 + rng.below(20);
    tn::Tensor<double, dyn, dyn, dyn> t({a, b, c});
    auto* p = t.mut().data();
    for (Index i = 0; i < t.size(); ++i)
      p[i] = rng.below(40) == 0 ? not_a_number : static_cast<double>(rng.below(6));  // ties
    const auto u = tn::permute(t, tn::axis<2, 0, 1>);
    const tn::Tensor m0 = tn::argmax(t, tn::axis<0>), m2 = tn::argmin(t, tn::axis<-1>), n0 = tn::argmin(u, tn::axis<0>);
    const tn::Tensor m1 = tn::argmax(t, tn::axis<1>, tn::keep_dims);
    REQUIRE(tn::to_string(m1.shape()) == "(" + std::to_string(a) + ", 1, " + std::to_string(c) + ")");
    for (Index j = 0; j < b; ++j)
      for (Index k = 0; k < c; ++k)
        CHECK(m0(j, k) == first_best(
                              a, [&](Index i) { return t(i, j, k); }, larger));
    for (Index i = 0; i < a; ++i)
      for (Index k = 0; k < c; ++k)
        CHECK(m1(i, 0, k) == first_best(
                                 b, [&](Index j) { return t(i, j, k); }, larger));
    for (Index i = 0; i < a; ++i)
      for (Index j = 0; j < b; ++j) {
        CHECK(m2(i, j) == first_best(
                              c, [&](Index k) { return t(i, j, k); }, smaller));
        CHECK(n0(i, j) == m2(i, j));
      }
    CHECK(tn::argmax(t).item() == first_best(
                                      t.size(), [&](Index i) { return t.data()[i]; }, larger));
    CHECK(tn::argmin(u).item() == first_best(
                                      t.size(), [&](Index i) { return u(i / (a * b), i / b % a, i % b); }, smaller));
  }
}
TEST_CASE("argmax: several axes are counted together in row-major order, and may be kept", "[op][argmax]") {
  tn::Rng rng(9);
  tn::Tensor<double, dyn, dyn, dyn> t({3, 4, 5});
  auto* p = t.mut().data();
  for (Index i = 0; i < t.size(); ++i) p[i] = static_cast<double>(rng.below(8));  // ties
  const tn::Tensor outer = tn::argmax(t, tn::axis<2, 0>);
  const tn::Tensor inner = tn::argmin(t, tn::axis<1, 2>, tn::keep_dims);
  REQUIRE(tn::to_string(outer.shape()) == "(4,)");
  REQUIRE(tn::to_string(inner.shape()) == "(3, 1, 1)");
  for (Index j = 0; j < 4; ++j)
    CHECK(outer(j) == first_best(
                          15, [&](Index k) { return t(k / 5, j, k % 5); }, larger));
  for (Index i = 0; i < 3; ++i)
    CHECK(inner(i, 0, 0) == first_best(
                                20, [&](Index k) { return t(i, k / 5, k % 5); }, smaller));
  const tn::Tensor all = tn::argmax(t, tn::keep_dims);
  CHECK(tn::to_string(all.shape()) == "(1, 1, 1)");
  CHECK(all(0, 0, 0) == tn::argmax(t).item());
}
TEST_CASE("argmax: infinities, NaN, integers and bool", "[op][argmax]") {
  CHECK(tn::argmax(tn::Tensor<double, 3>{-infinity, -infinity, -infinity}).item() == 0);
  CHECK(tn::argmin(tn::Tensor<double, 2>{infinity, infinity}).item() == 0);
  CHECK(tn::argmax(tn::Tensor<double, 4>{1, not_a_number, infinity, not_a_number}).item() == 1);
  CHECK(tn::argmin(tn::Tensor<double, 4>{1, not_a_number, -infinity, not_a_number}).item() == 1);
  CHECK(tn::argmax(tn::Tensor<std::int64_t, 3>{PTRDIFF_MAX - 1, PTRDIFF_MAX, 0}).item() == 1);  // no double between
  CHECK(tn::argmax(tn::Tensor<bool, 3>{false, true, true}).item() == 1);
  CHECK(tn::argmin(tn::Tensor<std::uint8_t, 3>{200, 100, 255}).item() == 1);
  STATIC_REQUIRE(std::is_same_v<decltype(tn::argmax(tn::Tensor<float, 2>()))::dtype, std::int64_t>);
}
TEST_CASE("argmax: nothing to choose from is an error", "[op][argmax]") {
  const tn::Tensor<float, dyn, dyn> t({0, 3});
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::argmax(t); }),
             "tenon::argmax: no elements to choose from in shape (0, 3)"));
  CHECK_THROWS_AS(tn::argmin(t, tn::axis<0>), tn::ShapeError);
  CHECK(tn::argmax(t, tn::axis<1>).shape()[0] == 0);  // no rows: no results
}
TEST_CASE("argmax: of a recorded value is data", "[op][argmax]") {
  tn::Parameter<float, 3> p(tn::Tensor<float, 3>{1, 5, 2});
  tn::Arena arena;
  tn::Step step(arena, p);
  const auto nodes = step.node_count();
  const tn::Value m = tn::argmax(p, tn::axis<0>);
  CHECK(m.item() == 1);
  CHECK(m.slot() == nullptr);
  CHECK(step.node_count() == nodes);
}
