// Assigning to storage that the expression itself reads: the result is that of reading everything first.
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::says;
using tn::Index;

namespace {
using Square = tn::Tensor<float, tn::dyn, tn::dyn>;
Square counted(Index n) {
  Square t({n, n});
  auto w = t.mut();
  for (Index i = 0; i < n * n; ++i) w.data()[i] = static_cast<float>(i);
  return t;
}
/// t read with rows and columns exchanged.
tn::View<float, tn::dyn, tn::dyn> turned(const Square& t) {
  return {t.data(), {t.shape()[1], t.shape()[0]}, {1, t.shape()[1]}, t.stamp()};
}
class Temporaries {
 public:
  Index count() const { return tn::counters().alias_temporaries - start_; }

 private:
  Index start_ = tn::counters().alias_temporaries;
};
}  // namespace

TEST_CASE("assign: the same elements in place, without a temporary", "[tensor][assign]") {
  Square x = counted(5);
  const Square before = x.clone();
  Temporaries n;
  x = x * x + 1;
  CHECK(n.count() == 0);
  for (Index i = 0; i < 25; ++i) CHECK(x.data()[i] == before.data()[i] * before.data()[i] + 1);
}
TEST_CASE("assign: x = transpose(x) + x", "[tensor][assign]") {
  for (const Index size : {1, 2, 7, 33}) {
    Square x = counted(size);
    const Square before = x.clone();
    Temporaries n;
    x = turned(x) + x;
    CHECK(n.count() == (size == 1 ? 0 : 1));
    for (Index i = 0; i < size; ++i)
      for (Index k = 0; k < size; ++k) CHECK(x(i, k) == before(i, k) + before(k, i));
  }
}
TEST_CASE("assign: overlapping slices, shifted either way", "[tensor][assign]") {
  for (const bool down : {true, false}) {
    Square x = counted(6);
    const Square before = x.clone();
    const auto low = tn::range(0, 5), high = tn::range(1, 6);
    if (down) x.mut()(high) = x(low) + 0;
    else x.mut()(low) = x(high) + 0;
    for (Index i = 0; i < 5; ++i)
      for (Index k = 0; k < 6; ++k) CHECK(x(down ? i + 1 : i, k) == before(down ? i : i + 1, k));
  }
}
TEST_CASE("assign: a row of itself, broadcast over all rows", "[tensor][assign]") {
  Square x = counted(4);
  const Square before = x.clone();
  x.mut() = x(2) + x;
  for (Index i = 0; i < 4; ++i)
    for (Index k = 0; k < 4; ++k) CHECK(x(i, k) == before(2, k) + before(i, k));
}
TEST_CASE("assign: its own sum", "[tensor][assign]") {
  Square x = counted(3);
  x.mut() = sum(x);
  for (const float v : x) CHECK(v == 36);
}
TEST_CASE("assign: a name that was evaluated before", "[tensor][assign]") {
  Square x = counted(3);
  auto h = turned(x) * 2;
  const Square copy = h;
  x.mut() = h;
  CHECK(x.to_vector() == copy.to_vector());
}
TEST_CASE("assign: disjoint parts need no temporary", "[tensor][assign]") {
  Square x = counted(4);
  Temporaries n;
  x.mut()(tn::range(0, 2)) = x(tn::range(2, 4)) + 0;
  CHECK(n.count() == 0);
  CHECK(x(0, 0) == 8);
  CHECK(x(1, 3) == 15);
}
TEST_CASE("assign: compound assignment, in place and through slices", "[tensor][assign]") {
  Square x = counted(3);
  x.mut() += 1;
  x.mut()(tn::all, 0) *= 10;
  CHECK(x.to_vector() == std::vector<float>{10, 2, 3, 40, 5, 6, 70, 8, 9});
}
TEST_CASE("assign: shapes must broadcast to the destination", "[tensor][assign]") {
  Square x = counted(3);
  const Square wide({2, 3});
  CHECK_THROWS_AS(x.mut() = wide, tn::ShapeError);
  const Square rows({4, 3});
  tn::Tensor<float, tn::dyn, tn::dyn> one({1, 3});
  CHECK_THROWS_AS(one.mut() = rows, tn::ShapeError);
  const tn::Tensor<float, 3> row = {1, 2, 3};
  x.mut() = row;
  CHECK(x(2, 1) == 2);
}
TEST_CASE("assign: an expression older than another write is refused", "[tensor][assign]") {
  Square x = counted(3);
  auto h = x + 1;
  x.mut()(0, 0) = 5;
  CHECK_THROWS_AS(x.mut() = std::move(h), tn::OwnershipError);
  CHECK(x(0, 0) == 5);
}
TEST_CASE("assign: an expression older than a write through the open MutView is refused", "[tensor][assign]") {
  Square x = counted(3);
  {
    auto h = x + 1;
    auto m = x.mut();
    m(0, 0) = 50;
    CHECK(says(error_of([&] { m = std::move(h); }),
               "was modified between the expression that reads it and its evaluation"));
  }
  {
    auto first = x(0, tn::all) + 1, second = x(0, tn::all) + 1;
    auto m = x.mut();
    m(0, tn::all) = std::move(first);
    CHECK_THROWS_AS(m(1, tn::all) = std::move(second), tn::OwnershipError);
  }
  CHECK(x(0, 0) == 51);
  CHECK(x(1, 0) == 3);
}
TEST_CASE("assign: a row of x becomes a reduction of x", "[tensor][assign]") {
  tn::Tensor<float, 3, 2> x = {{1, 2}, {3, 4}, {5, 6}};
  x.mut()(0, tn::all) = sum(x, tn::axis<0>);
  CHECK(x.to_vector() == std::vector<float>{9, 12, 3, 4, 5, 6});
}
TEST_CASE("assign: a number that the dtype does not hold is refused", "[tensor][assign]") {
  tn::Tensor<std::uint8_t, 2> u = {1, 2};
  CHECK(says(error_of([&] { u.mut() = 300; }), "the number 300 is no uint8"));
  CHECK(says(error_of([&] { u.mut() = -1; }), "the number -1 is no uint8"));
  u.mut() = 255;
  CHECK(u(1) == 255);
}
namespace {
constexpr Index large = tn::evaluation::streaming_bytes / static_cast<Index>(sizeof(float)) + 5;  // and a remainder
using Row = tn::Tensor<float, tn::dyn>;
/// t[i + first] = i % 1009 for i in [0, n): small integers, so that 2 x + x is exact.
void count_up(Row& t, Index first, Index n) {
  auto w = t.mut();
  for (Index i = 0; i < n; ++i) w.data()[first + i] = static_cast<float>(i % 1009);
}
Index wrong(const float* y, Index n, float factor) {
  Index bad = 0;
  for (Index i = 0; i < n; ++i) bad += y[i] != factor * static_cast<float>(i % 1009) ? 1 : 0;
  return bad;
}
}  // namespace
TEST_CASE("assign: a result past the caches is the same, whole, and no element more", "[tensor][assign]") {
  Row x({large}), y({large + 1});
  count_up(x, 0, large);
  count_up(y, 0, large + 1);
  SECTION("on a cache line") { y.mut()(tn::range(0, large)) = 2 * x + x; }
  SECTION("in storage of its own") {
    const Row z = 2 * x + x;
    CHECK(wrong(z.data(), large, 3) == 0);
    return;
  }
  SECTION("in place") {
    x = 2 * x + x;
    CHECK(wrong(x.data(), large, 3) == 0);
    return;
  }
  SECTION("off a cache line") {
    y.mut()(tn::range(1, large + 1)) = 2 * x + x;
    CHECK(y.data()[0] == 0);
    CHECK(wrong(y.data() + 1, large, 3) == 0);
    return;
  }
  CHECK(wrong(y.data(), large, 3) == 0);
  CHECK(y.data()[large] == static_cast<float>(large % 1009));
}
