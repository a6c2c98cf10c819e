#include "tenon/shape/shape.hpp"

#include "tenon/base/random.hpp"
#include "tenon/shape/extents.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

TEST_CASE("shape: static extents cost nothing, run-time ones are kept", "[shape][shape]") {
  STATIC_REQUIRE(std::is_empty_v<tn::Shape<784, 10>>);
  STATIC_REQUIRE(std::is_empty_v<tn::Shape<>>);
  STATIC_REQUIRE(tn::Shape<2, 3>{}.size() == 6);
  STATIC_REQUIRE(tn::Shape<>{}.size() == 1);
  constexpr tn::Shape<dyn, 3> s(5, 3);
  STATIC_REQUIRE(s[0] == 5);
  STATIC_REQUIRE(s.size() == 15);
  STATIC_REQUIRE(tn::Shape<dyn, 3>{}.size() == 0);
  STATIC_REQUIRE(!tn::Shape<dyn, 3>::is_static);
}
TEST_CASE("shape: extents that the type or sense forbids are refused", "[shape][shape]") {
  CHECK(says(error_of<tn::ShapeError>([] { tn::Shape<dyn, 3>(2, 4); }), "extent 1 is 4 but the type says 3"));
  CHECK(says(error_of<tn::ShapeError>([] { tn::Shape<dyn, 3>(-1, 3); }), "extent 0 is -1"));
  CHECK(says(error_of<tn::ShapeError>([] { tn::Shape<dyn>(std::size_t{0} - 1); }), "is not negative"));
}
TEST_CASE("shape: text as NumPy's", "[shape][shape]") {
  CHECK(tn::to_string(tn::Shape<>{}) == "()");
  CHECK(tn::to_string(tn::Shape<4>{}) == "(4,)");
  CHECK(tn::to_string(tn::Shape<dyn, 3>(2, 3)) == "(2, 3)");
}
TEST_CASE("shape: sizes are checked for overflow", "[shape][shape]") {
  const Index big = Index{1} << 32;
  CHECK(tn::checked_size(std::array<Index, 2>{big, 4}, 4) == big * 4);
  CHECK_THROWS_AS(tn::checked_size(std::array<Index, 2>{big, big}, 1), tn::ShapeError);
  CHECK_THROWS_AS(tn::checked_size(std::array<Index, 2>{big, Index{1} << 30}, 4),
                  tn::ShapeError);  // elements fit, bytes do not
  CHECK_THROWS_AS(tn::checked_size(std::array<Index, 3>{big, big, 0}, 1), tn::ShapeError);  // not even beside a 0
  CHECK(tn::checked_size(std::array<Index, 2>{0, big}, 8) == 0);
  CHECK_THROWS_AS(tn::checked_size(std::array<Index, 1>{PTRDIFF_MAX}, 1), tn::ShapeError);
  CHECK(tn::checked_size(std::array<Index, 0>{}, 8) == 1);
}
TEST_CASE("shape: a cast keeps extents and checks the static ones", "[shape][shape]") {
  const tn::Shape<dyn, dyn> s(2, 3);
  CHECK(tn::shape_cast<tn::Shape<2, dyn>>(s, "test") == tn::Shape<2, dyn>(2, 3));
  CHECK(says(error_of<tn::ShapeError>([&] { tn::shape_cast<tn::Shape<2, 4>>(s, "test"); }),
             "test: the shape is (2, 3) but the type asks for (2, 4)"));
  STATIC_REQUIRE(tn::may_be_same_shape<tn::Shape<dyn, 3>, tn::Shape<2, dyn>>);
  STATIC_REQUIRE(!tn::may_be_same_shape<tn::Shape<dyn, 3>, tn::Shape<2, 4>>);
  STATIC_REQUIRE(!tn::may_be_same_shape<tn::Shape<3>, tn::Shape<1, 3>>);
}

// ---- extents as arguments
TEST_CASE("extents: arguments and type name a shape together", "[shape][extents]") {
  STATIC_REQUIRE(std::is_same_v<decltype(tn::shape_from(tn::Loc{}, 2, 3u)), tn::Shape<dyn, dyn>>);
  STATIC_REQUIRE(std::is_same_v<decltype(tn::shape_from<2, 3>(tn::Loc{})), tn::Shape<2, 3>>);
  STATIC_REQUIRE(std::is_same_v<decltype(tn::shape_from(tn::Loc{}, tn::Shape<dyn, 3>{})), tn::Shape<dyn, 3>>);
  CHECK(tn::shape_from<dyn, 3>(tn::Loc{}, 4, 3) == tn::Shape<dyn, 3>(4, 3));
  CHECK(tn::shape_from<dyn, 3>(tn::Loc{}, {4, 3}) == tn::Shape<dyn, 3>(4, 3));
  CHECK_THROWS_AS((tn::shape_from<dyn, 3>(tn::Loc{}, 4, 2)), tn::ShapeError);
  CHECK_THROWS_AS(tn::shape_from(tn::Loc{}, -1), tn::ShapeError);
  const Index big = Index{1} << 40;
  CHECK_THROWS_AS(tn::shape_from(tn::Loc{}, big, big), tn::ShapeError);
  CHECK_THROWS_AS((tn::shape_from<dyn, 3>(tn::Loc{}, PTRDIFF_MAX, 3)), tn::ShapeError);
  CHECK_THROWS_AS(tn::shape_from(tn::Loc{}, tn::Shape<dyn, dyn>(big, big)), tn::ShapeError);
}
TEST_CASE("extents: one of -1 is inferred, and only when the others tell it", "[shape][extents]") {
  const auto infer = [](auto e, Index size) { return tn::inferred_extents(e, size, "test", tn::Loc{}); };
  using A2 = std::array<Index, 2>;
  CHECK(infer(A2{-1, 4}, 12) == A2{3, 4});
  CHECK(infer(A2{4, -1}, 0) == A2{4, 0});
  CHECK(infer(std::array<Index, 1>{-1}, 0) == std::array<Index, 1>{0});
  CHECK(infer(A2{3, 4}, 12) == A2{3, 4});
  CHECK(infer(std::array<Index, 0>{}, 1) == std::array<Index, 0>{});
  for (const A2 bad : {A2{-1, 5}, A2{-1, -1}, A2{3, 5}, A2{-2, -6}, A2{-1, -12}, A2{Index{1} << 32, Index{1} << 32}})
    CHECK(says(error_of<tn::ShapeError>([&] { infer(bad, 12); }), "test: 12 elements do not fit"));
  CHECK_THROWS_AS(infer(A2{-1, 0}, 0), tn::ShapeError);  // any number would do
  CHECK_THROWS_AS(infer(std::array<Index, 0>{}, 2), tn::ShapeError);
}
