#include "tenon/shape/slice.hpp"

#include "tenon/base/random.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;
using tn::Range;

namespace {

/// The positions that Python's slice(first, last, step) names in a dimension of extent n, by its definition: from first
/// by step while before last; negative ends count from the end, ends outside are clipped.
std::vector<Index> positions(Range r, Index n) {
  std::vector<Index> p;
  const Index low = r.step > 0 ? 0 : -1, high = r.step > 0 ? n : n - 1;
  const auto place = [&](Index i) {
    if (i < 0) i += n;
    return i < low ? low : i > high ? high : i;
  };
  const Index first = place(r.first), last = r.last == Range::open ? (r.step > 0 ? n : -1) : place(r.last);
  for (Index i = first; r.step > 0 ? i < last : i > last; i += r.step) p.push_back(i);
  return p;
}
template <class... Items> auto cut(Items... items) {
  constexpr tn::Shape<3, 4, 5> s;
  return tn::slice(s, tn::row_major(s), tn::Loc{}, items...);
}

}  // namespace

TEST_CASE("slice: ranges name what Python's slices name", "[shape][slice]") {
  tn::Rng rng(1);
  for (int round = 0; round < 3000; ++round) {
    const Index n = rng.below(8);
    Range r{rng.below(24) - 12, rng.below(4) == 0 ? Range::open : rng.below(24) - 12, rng.below(11) - 5};
    if (r.step == 0) r.step = 7;
    const auto want = positions(r, n);
    const tn::Shape<dyn> shape(n);
    const auto got = tn::slice(shape, {3}, tn::Loc{}, r);
    CHECK(got.shape[0] == static_cast<Index>(want.size()));
    for (Index k = 0; k < got.shape[0]; ++k)
      CHECK(got.offset + k * got.strides[0] == 3 * want[static_cast<std::size_t>(k)]);
  }
}
TEST_CASE("slice: steps as large as an Index", "[shape][slice]") {
  constexpr Index most = PTRDIFF_MAX, least = PTRDIFF_MIN;
  const tn::Shape<dyn> shape(5);
  for (const Range r :
       {Range{1, Range::open, most}, Range{3, Range::open, least}, Range{-1, 0, least}, Range{0, 5, most}}) {
    const auto got = tn::slice(shape, {1000}, tn::Loc{}, r);
    CHECK(got.shape[0] == 1);
    CHECK(got.offset == 1000 * (r.first < 0 ? r.first + 5 : r.first));
  }
}
TEST_CASE("slice: an unsigned index that wrapped is outside", "[shape][slice]") {
  const std::size_t first = 0;
  CHECK(says(error_of([&] { cut(first - 1); }), "index -1 is outside dimension 0 of extent 3"));
  CHECK(says(error_of([&] { cut(0u - 1u); }), "index 4294967295 is outside dimension 0 of extent 3"));
  CHECK(cut(2u).offset == 40);
  static_assert(!tn::slice_item<bool>);  // NumPy would take it for a mask
}
TEST_CASE("slice: an empty range stays inside the memory", "[shape][slice]") {
  for (const Range r : {Range{5, 2}, Range{9, 12}, Range{0, 3, -1}, Range{3, 3}}) {
    const auto s = tn::slice(tn::Shape<dyn>(4), {1}, tn::Loc{}, r);
    CHECK(s.shape[0] == 0);
    CHECK(s.offset == 0);
  }
}
TEST_CASE("slice: of no elements it begins where they would", "[shape][slice]") {
  const tn::Shape<dyn, 3> none(0, 3);
  CHECK(tn::slice(none, tn::row_major(none), tn::Loc{}, tn::all, 2).offset == 0);
  CHECK(tn::slice(none, tn::row_major(none), tn::Loc{}, tn::ellipsis, tn::range(-1, Range::open, -1)).offset == 0);
  CHECK(tn::slice(tn::Shape<dyn, dyn>(4, 5), {5, 1}, tn::Loc{}, 3, tn::range(2, 2)).offset == 0);
}
TEST_CASE("slice: positions drop their dimension, negative ones count from the end", "[shape][slice]") {
  const auto s = cut(1, tn::all, -1);
  STATIC_REQUIRE(std::is_same_v<std::remove_const_t<decltype(s.shape)>, tn::Shape<4>>);
  for (Index j = 0; j < 4; ++j) CHECK(s.offset + j * s.strides[0] == 1 * 20 + j * 5 + 4);
  CHECK(cut(2, 3, 4).offset == 59);
  CHECK(cut(-3, -4, -5).offset == 0);
  STATIC_REQUIRE(decltype(cut(0, 0, 0))().shape.rank == 0);
}
TEST_CASE("slice: fewer items keep the rest, an ellipsis stands for it", "[shape][slice]") {
  STATIC_REQUIRE(std::is_same_v<decltype(cut(0).shape), tn::Shape<4, 5>>);
  STATIC_REQUIRE(std::is_same_v<decltype(cut(tn::ellipsis, 0).shape), tn::Shape<3, 4>>);
  STATIC_REQUIRE(std::is_same_v<decltype(cut(0, tn::ellipsis, 0).shape), tn::Shape<4>>);
  STATIC_REQUIRE(std::is_same_v<decltype(cut(tn::all, tn::ellipsis).shape), tn::Shape<3, 4, 5>>);
  STATIC_REQUIRE(std::is_same_v<decltype(cut(0, 0, 0, tn::ellipsis).shape), tn::Shape<>>);  // it may stand for nothing
  STATIC_REQUIRE(
      std::is_same_v<decltype(cut(tn::range(2)).shape), tn::Shape<dyn, 4, 5>>);  // a range's extent is run-time
  const auto s = cut(tn::ellipsis, tn::range(4, 0, -2));
  for (Index i = 0; i < 3; ++i)
    for (Index j = 0; j < 4; ++j)
      for (Index k = 0; k < 2; ++k)
        CHECK(s.offset + i * s.strides[0] + j * s.strides[1] + k * s.strides[2] == i * 20 + j * 5 + 4 - 2 * k);
}
TEST_CASE("slice: newaxis adds an extent of 1 anywhere", "[shape][slice]") {
  STATIC_REQUIRE(std::is_same_v<decltype(cut(tn::newaxis, 0, tn::newaxis, tn::ellipsis, tn::newaxis).shape),
                                tn::Shape<1, 1, 4, 5, 1>>);
  CHECK(cut(tn::newaxis, 2, tn::newaxis, 1).offset == 45);
}
TEST_CASE("slice: a slice of a slice is the slice of both", "[shape][slice]") {
  tn::Rng rng(2);
  for (int round = 0; round < 500; ++round) {
    const Index n = 1 + rng.below(12);
    const auto random_range = [&] {
      return Range{rng.below(2 * n) - n, rng.below(2 * n) - n, (rng.below(2) ? 1 : -1) * (1 + rng.below(3))};
    };
    const Range outer = random_range(), inner = random_range();
    const auto first = positions(outer, n);
    const auto second = positions(inner, static_cast<Index>(first.size()));
    const auto a = tn::slice(tn::Shape<dyn>(n), {1}, tn::Loc{}, outer);
    const auto b = tn::slice(a.shape, a.strides, tn::Loc{}, inner);
    REQUIRE(b.shape[0] == static_cast<Index>(second.size()));
    for (Index k = 0; k < b.shape[0]; ++k)
      CHECK(a.offset + b.offset + k * b.strides[0] ==
            first[static_cast<std::size_t>(second[static_cast<std::size_t>(k)])]);
  }
}
TEST_CASE("slice: positions outside and steps of 0 are refused", "[shape][slice]") {
  CHECK(says(error_of<tn::ShapeError>([] { cut(3); }), "index 3 is outside dimension 0 of extent 3"));
  CHECK(says(error_of<tn::ShapeError>([] { cut(0, -5); }), "index -5 is outside dimension 1 of extent 4"));
  CHECK(says(error_of<tn::ShapeError>([] { cut(tn::range(0, 3, 0)); }), "step of 0"));
  CHECK_THROWS_AS(tn::slice(tn::Shape<0>{}, {1}, tn::Loc{}, 0), tn::ShapeError);
}
