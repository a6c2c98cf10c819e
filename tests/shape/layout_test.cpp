#include "tenon/shape/layout.hpp"

#include "tenon/base/random.hpp"
#include "tenon/shape/rearrange.hpp"
#include "tenon/shape/walk.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;
using tn::Strides;
using Dyn3 = tn::Shape<dyn, dyn, dyn>;

namespace {

/// All indices of a shape, in row-major order, by plain loops.
std::vector<std::array<Index, 3>> indices(const Dyn3& s) {
  std::vector<std::array<Index, 3>> all;
  for (Index i = 0; i < s[0]; ++i)
    for (Index j = 0; j < s[1]; ++j)
      for (Index k = 0; k < s[2]; ++k) all.push_back({i, j, k});
  return all;
}
/// A random layout: a permuted, strided, perhaps reversed piece of memory, in which no two elements share a place.
struct RandomLayout {
  Dyn3 shape;
  Strides<3> strides{};
  explicit RandomLayout(tn::Rng& rng, Index most = 4) {
    std::array<Index, 3> e{}, order{0, 1, 2};
    for (auto& x : e) x = rng.below(most) + (rng.below(8) == 0 ? 0 : 1);
    rng.shuffle(order.data(), 3);
    Index step = 1 + rng.below(2);
    for (Index d : order) {
      const auto u = static_cast<std::size_t>(d);
      strides[u] = rng.below(4) == 0 ? -step : step;
      step *= (e[u] > 0 ? e[u] : 1) + (rng.below(3) == 0 ? 1 : 0);
    }
    shape = Dyn3(e);
  }
};

}  // namespace

TEST_CASE("layout: row_major counts indices in lexicographic order", "[shape][layout]") {
  tn::Rng rng(1);
  for (int round = 0; round < 100; ++round) {
    const RandomLayout l(rng, 5);
    const auto s = tn::row_major(l.shape);
    Index n = 0;
    for (const auto& i : indices(l.shape)) CHECK(tn::offset(i, s) == n++);
    CHECK(n == l.shape.size());
    CHECK(tn::is_row_major(l.shape, s));
  }
}
TEST_CASE("layout: is_row_major exactly when the offsets count", "[shape][layout]") {
  tn::Rng rng(2);
  for (int round = 0; round < 500; ++round) {
    const RandomLayout l(rng);
    bool counts = true;
    Index n = 0;
    for (const auto& i : indices(l.shape)) counts = counts && tn::offset(i, l.strides) == n++;
    CHECK(tn::is_row_major(l.shape, l.strides) == counts);
  }
}
TEST_CASE("layout: broadcast strides repeat an element along the new extent", "[shape][layout]") {
  tn::Rng rng(3);
  for (int round = 0; round < 200; ++round) {
    std::array<Index, 3> to{rng.below(4), rng.below(4), rng.below(4)};
    std::array<Index, 2> from{rng.below(2) ? 1 : to[1], rng.below(2) ? 1 : to[2]};
    const tn::Shape<dyn, dyn> small(from);
    const auto own = tn::row_major(small);
    const auto s = tn::broadcast_strides(Dyn3(to), small, own);
    for (const auto& i : indices(Dyn3(to)))
      CHECK(tn::offset(i, s) == (from[0] == 1 ? 0 : i[1]) * own[0] + (from[1] == 1 ? 0 : i[2]) * own[1]);
  }
}
TEST_CASE("layout: byte_range is the smallest that holds every element", "[shape][layout]") {
  tn::Rng rng(4);
  std::array<float, 1000> memory{};
  const float* data = memory.data() + 500;
  for (int round = 0; round < 200; ++round) {
    const RandomLayout l(rng);
    const auto r = tn::byte_range(data, l.shape, l.strides);
    Index low = PTRDIFF_MAX, high = PTRDIFF_MIN;
    for (const auto& i : indices(l.shape)) {
      const Index o = tn::offset(i, l.strides);
      low = o < low ? o : low;
      high = o > high ? o : high;
    }
    if (l.shape.size() == 0) {
      CHECK(r.begin == r.end);
    } else {
      CHECK(r.begin == reinterpret_cast<const std::byte*>(data + low));
      CHECK(r.end == reinterpret_cast<const std::byte*>(data + high + 1));
    }
  }
}

// ---- shape/rearrange.hpp
TEST_CASE("layout: permuted reads index j where j[from[d]] = i[d]", "[shape][layout]") {
  tn::Rng rng(5);
  for (int round = 0; round < 50; ++round) {
    const RandomLayout l(rng);
    const auto p = tn::permuted<2, 0, -2>(l.shape, l.strides);
    for (const auto& i : indices(p.shape)) CHECK(tn::offset(i, p.strides) == tn::offset({i[1], i[2], i[0]}, l.strides));
    CHECK(p.shape.size() == l.shape.size());
    const auto t = tn::transposed(l.shape, l.strides);
    for (const auto& i : indices(t.shape)) CHECK(tn::offset(i, t.strides) == tn::offset({i[0], i[2], i[1]}, l.strides));
  }
  STATIC_REQUIRE(
      std::is_same_v<decltype(tn::permuted<2, 0, 1>(tn::Shape<2, dyn, 4>{}, {}).shape), tn::Shape<4, 2, dyn>>);
  STATIC_REQUIRE(std::is_same_v<decltype(tn::transposed(tn::Shape<5, 2, 3>{}, {}).shape), tn::Shape<5, 3, 2>>);
}
TEST_CASE("layout: unsqueezed and squeezed are inverse", "[shape][layout]") {
  constexpr tn::Shape<2, 3> s;
  constexpr auto strides = tn::row_major(s);
  constexpr auto front = tn::unsqueezed<0>(s, strides);
  constexpr auto back = tn::unsqueezed<-1>(s, strides);
  STATIC_REQUIRE(std::is_same_v<std::remove_cvref_t<decltype(front.shape)>, tn::Shape<1, 2, 3>>);
  STATIC_REQUIRE(std::is_same_v<std::remove_cvref_t<decltype(back.shape)>, tn::Shape<2, 3, 1>>);
  STATIC_REQUIRE(tn::offset({0, 1, 2}, front.strides) == 5);
  STATIC_REQUIRE(tn::offset({1, 2, 0}, back.strides) == 5);
  constexpr auto again = tn::squeezed<2>(back.shape, back.strides, tn::Loc{});
  STATIC_REQUIRE(std::is_same_v<std::remove_cvref_t<decltype(again.shape)>, tn::Shape<2, 3>>);
  STATIC_REQUIRE(again.strides == strides);
  CHECK_THROWS_AS(tn::squeezed<0>(tn::Shape<dyn, 3>(2, 3), {3, 1}, tn::Loc{}), tn::ShapeError);
}
TEST_CASE("layout: reshape_strides keep the order of elements, and exist whenever strides can", "[shape][layout]") {
  tn::Rng rng(6);
  int possible = 0;
  for (int round = 0; round < 3000; ++round) {
    const RandomLayout l(rng, 6);
    const Index size = l.shape.size();
    if (size == 0) continue;
    std::array<Index, 3> to{};  // a random factorisation of size
    Index rest = size;
    for (std::size_t d = 0; d < 2; ++d) {
      do to[d] = 1 + rng.below(rest);
      while (rest % to[d] != 0);
      rest /= to[d];
    }
    to[2] = rest;
    std::vector<Index> offsets;
    for (const auto& i : indices(l.shape)) offsets.push_back(tn::offset(i, l.strides));
    // Strides exist when each step along one dimension always moves by the same distance: the truth, by trying.
    const Dyn3 target(to);
    const auto own = tn::row_major(target);
    Strides<3> truth{};
    bool exists = true;
    const auto all = indices(target);
    for (std::size_t d = 0; d < 3; ++d)
      if (to[d] > 1) truth[d] = offsets[static_cast<std::size_t>(own[d])] - offsets[0];
    for (std::size_t n = 0; n < all.size(); ++n)
      exists = exists && offsets[0] + tn::offset(all[n], truth) == offsets[n];
    Strides<3> got{};
    CHECK(tn::reshape_strides(l.shape, l.strides, to, got) == exists);
    if (!exists) continue;
    ++possible;
    for (std::size_t n = 0; n < all.size(); ++n) CHECK(offsets[0] + tn::offset(all[n], got) == offsets[n]);
  }
  CHECK(possible > 300);
}
TEST_CASE("layout: reshaped infers one extent, statically where it can", "[shape][layout]") {
  STATIC_REQUIRE(std::is_same_v<decltype(tn::reshaped<dyn, 3>(tn::Shape<2, 6>{}, "t", tn::Loc{})), tn::Shape<4, 3>>);
  STATIC_REQUIRE(std::is_same_v<decltype(tn::reshaped<dyn>(tn::Shape<dyn, 6>{}, "t", tn::Loc{})), tn::Shape<dyn>>);
  STATIC_REQUIRE(
      std::is_same_v<decltype(tn::reshaped<0, dyn, 4>(tn::Shape<dyn>{}, "t", tn::Loc{})), tn::Shape<0, dyn, 4>>);
  CHECK(tn::reshaped<dyn, 3>(tn::Shape<dyn, 6>(5, 6), "t", tn::Loc{}) == tn::Shape<dyn, 3>(10, 3));
  CHECK_THROWS_AS((tn::reshaped<dyn, 4>(tn::Shape<dyn, 6>(5, 6), "t", tn::Loc{})), tn::ShapeError);
}

// ---- shape/walk.hpp
TEST_CASE("layout: for_each_offset visits every index of the chosen dimensions in order", "[shape][layout]") {
  tn::Rng rng(7);
  for (int round = 0; round < 100; ++round) {
    const RandomLayout l(rng);
    const auto dims = static_cast<unsigned>(rng.below(8));
    std::vector<std::array<Index, 2>> want, got;
    std::array<Index, 3> most = l.shape.extents();
    for (std::size_t d = 0; d < 3; ++d) most[d] = ((dims >> d) & 1u) ? most[d] : 1;
    for (const auto& i : indices(Dyn3(most))) want.push_back({tn::offset(i, l.strides), tn::offset(i, {100, 10, 1})});
    tn::for_each_offset(
        l.shape.extents(), dims,
        [&](Index a, Index b) {
          got.push_back({a, b});
        },
        l.strides, Strides<3>{100, 10, 1});
    CHECK(got == want);
  }
}
