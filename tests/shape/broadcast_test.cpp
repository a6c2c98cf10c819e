#include "tenon/shape/broadcast.hpp"

#include "tenon/base/random.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

namespace {
template <class A, class B, class R>
constexpr bool joins = std::is_same_v<tn::broadcast_t<A, B>, R>&& std::is_same_v<tn::broadcast_t<B, A>, R>;
}

TEST_CASE("broadcast: types join as far as they are known", "[shape][broadcast]") {
  STATIC_REQUIRE(joins<tn::Shape<2, 3>, tn::Shape<2, 3>, tn::Shape<2, 3>>);
  STATIC_REQUIRE(joins<tn::Shape<2, 1>, tn::Shape<3>, tn::Shape<2, 3>>);
  STATIC_REQUIRE(joins<tn::Shape<>, tn::Shape<4, 5>, tn::Shape<4, 5>>);
  STATIC_REQUIRE(joins<tn::Shape<dyn, 3>, tn::Shape<2, 3>, tn::Shape<2, 3>>);    // dyn is 2, or 1
  STATIC_REQUIRE(joins<tn::Shape<dyn, 3>, tn::Shape<1, 3>, tn::Shape<dyn, 3>>);  // dyn stays what it is
  STATIC_REQUIRE(joins<tn::Shape<dyn>, tn::Shape<dyn>, tn::Shape<dyn>>);
  STATIC_REQUIRE(joins<tn::Shape<0>, tn::Shape<1>, tn::Shape<0>>);
  STATIC_REQUIRE(
      std::is_same_v<tn::broadcast_t<tn::Shape<1, 4>, tn::Shape<3, 1>, tn::Shape<2, 1, 1>>, tn::Shape<2, 3, 4>>);
}
TEST_CASE("broadcast: run-time extents follow NumPy's rule at every pair", "[shape][broadcast]") {
  tn::Rng rng(5);
  for (int round = 0; round < 500; ++round) {
    std::array<Index, 3> a{}, b{};
    for (auto& e : a) e = rng.below(4);
    for (auto& e : b) e = rng.below(4);
    bool fits = true;
    std::array<Index, 3> want{};
    for (std::size_t d = 0; d < 3; ++d) {
      fits = fits && (a[d] == b[d] || a[d] == 1 || b[d] == 1);
      want[d] = a[d] == 1 ? b[d] : a[d];
    }
    const tn::Shape<dyn, dyn, dyn> sa(a), sb(b);
    if (fits) CHECK(tn::broadcast("test", tn::Loc{}, sa, sb).extents() == want);
    else
      CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::broadcast("test", tn::Loc{}, sa, sb); }),
                 "tenon::test: shapes " + tn::to_string(sa) + " and " + tn::to_string(sb)));
  }
}
TEST_CASE("broadcast: a run-time extent that is neither 1 nor the static one is refused", "[shape][broadcast]") {
  CHECK(tn::broadcast("test", tn::Loc{}, tn::Shape<dyn>(1), tn::Shape<4>{}) == tn::Shape<4>{});
  CHECK_THROWS_AS(tn::broadcast("test", tn::Loc{}, tn::Shape<dyn>(3), tn::Shape<4>{}), tn::ShapeError);
  CHECK_THROWS_AS(tn::broadcast("test", tn::Loc{}, tn::Shape<dyn>(0), tn::Shape<4>{}), tn::ShapeError);
  CHECK(tn::broadcast("test", tn::Loc{}, tn::Shape<dyn, 1>(0, 1), tn::Shape<4>{}) == tn::Shape<dyn, 4>(0, 4));
}
TEST_CASE("broadcast: a result with more elements than an Index counts is refused", "[shape][broadcast]") {
  const tn::Index big = tn::Index{1} << 40;
  const tn::Shape<dyn, dyn> column(big, 1), row(1, big);
  CHECK_THROWS_AS(tn::broadcast("test", tn::Loc{}, column, row), tn::ShapeError);
  CHECK_THROWS_AS(tn::broadcast("test", tn::Loc{}, tn::Shape<dyn, 1>(big, 1), tn::Shape<dyn>(big)), tn::ShapeError);
  CHECK(tn::broadcast("test", tn::Loc{}, column, tn::Shape<dyn, dyn>(1, 1)).size() == big);
  CHECK(tn::broadcast("test", tn::Loc{}, column, tn::Shape<dyn, dyn>(1, 0)).size() == 0);
}
