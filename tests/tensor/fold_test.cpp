// The engine under reductions, on ranks 1 to 4 and fused expressions; tests/op/sum_test.cpp has rank 3 in every layout.
#include "tenon/op/add.hpp"
#include "tenon/op/greater.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {
double item(Index i) { return static_cast<double>((i * 37) % 19 - 9) / 8; }
/// All values are multiples of 1/8 and small: sums are exact in double, in any order.
tn::Tensor<double, tn::dyn, tn::dyn, tn::dyn, tn::dyn> four(Index a, Index b, Index c, Index d) {
  tn::Tensor<double, tn::dyn, tn::dyn, tn::dyn, tn::dyn> t({a, b, c, d});
  auto w = t.mut();
  for (Index i = 0; i < t.size(); ++i) w.data()[i] = item(i);
  return t;
}
}  // namespace

TEST_CASE("fold: rank 4, rows folded, rows kept, and both in turn", "[tensor][fold]") {
  const auto t = four(3, 4, 5, 6);
  auto check = [&](const auto& y, unsigned axes) {
    std::vector<double> want(static_cast<std::size_t>(y.size()), 0);
    const Index n[] = {3, 4, 5, 6};
    Index i[4];
    for (i[0] = 0; i[0] < 3; ++i[0])
      for (i[1] = 0; i[1] < 4; ++i[1])
        for (i[2] = 0; i[2] < 5; ++i[2])
          for (i[3] = 0; i[3] < 6; ++i[3]) {
            Index to = 0;
            for (unsigned d = 0; d < 4; ++d)
              if (((axes >> d) & 1u) == 0) to = to * n[d] + i[d];
            want[static_cast<std::size_t>(to)] += t(i[0], i[1], i[2], i[3]);
          }
    CHECK(y.to_vector() == want);
  };
  check(tn::Tensor(sum(t, tn::axis<0, 2>)), 5u);
  check(tn::Tensor(sum(t, tn::axis<1, 3>, tn::keep_dims)), 10u);
  check(tn::Tensor(sum(t, tn::axis<0, 1, -1>)), 11u);
  check(tn::Tensor(sum(t, tn::axis<0, 1, 2>)), 7u);
  CHECK(tn::to_string(tn::Tensor(sum(t, tn::axis<1, 3>, tn::keep_dims)).shape()) == "(3, 1, 5, 1)");
}
TEST_CASE("fold: rank 1 of any length, around the batches and the blocks", "[tensor][fold]") {
  for (const Index n : {0, 1, 3, 8, 17, 33, 1000, 4095, 4096, 4097, 20000}) {
    tn::Tensor<double, tn::dyn> x({n});
    auto w = x.mut();
    double want = 0;
    for (Index i = 0; i < n; ++i) want += w.data()[i] = item(i);
    { auto closed = std::move(w); }
    CHECK(sum(x).item() == want);
    CHECK(sum(x(tn::range(n - 1, tn::Range::open, -1))).item() == want);
  }
}
TEST_CASE("fold: rank 0 is its own sum", "[tensor][fold]") {
  const tn::Tensor<float> x = 3;
  CHECK(sum(x).item() == 3);
  CHECK(max(x * 2).item() == 6);
}
TEST_CASE("fold: the elements' formula runs in the same loop, operands broadcast", "[tensor][fold]") {
  const tn::Tensor<float, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};
  const tn::Tensor<float, 3> row = {10, 20, 30};
  const tn::Tensor<float, 2, 1> column = {{1}, {2}};
  const Index before = tn::counters().loops;
  const tn::Tensor over_rows = sum(a * row + column, tn::axis<0>);
  const tn::Tensor over_columns = sum(a * row + column, tn::axis<1>);
  CHECK(tn::counters().loops - before == 2);
  CHECK(over_rows.to_vector() == std::vector<float>{53, 143, 273});
  CHECK(over_columns.to_vector() == std::vector<float>{143, 326});
  CHECK(sum(a * row + column).item() == 469);
}
TEST_CASE("fold: its result is a name for what follows", "[tensor][fold]") {
  const tn::Tensor<float, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};
  const Index before = tn::counters().loops;
  const tn::Tensor y = a + sum(a, tn::axis<1>, tn::keep_dims);
  CHECK(tn::counters().loops - before == 2);
  CHECK(y.to_vector() == std::vector<float>{7, 8, 9, 19, 20, 21});
}
TEST_CASE("fold: rows longer and wider than a block", "[tensor][fold]") {
  const auto t = four(1, 130, 1, 2100);
  for (const Index k : {0, 1023, 1024, 2048, 2099}) {
    double want = 0;
    for (Index i = 0; i < 130; ++i) want += t(0, i, 0, k);
    CHECK(tn::Tensor(sum(t, tn::axis<1>))(0, 0, k) == want);
  }
  const auto wide = four(2, 1, 1, 9001);
  double want = 0;
  for (Index i = 0; i < 9001; ++i) want += wide(1, 0, 0, i);
  CHECK(tn::Tensor(sum(wide, tn::axis<3>))(1, 0, 0) == want);
}
TEST_CASE("fold: counting in int64 what a mask of floats says", "[tensor][fold]") {
  const tn::Tensor<float, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};
  const tn::Tensor per_row = sum(a > 2, tn::axis<1>);
  STATIC_REQUIRE(std::is_same_v<decltype(per_row), const tn::Tensor<std::int64_t, 2>>);
  CHECK(per_row.to_vector() == std::vector<std::int64_t>{1, 3});
  CHECK(tn::Tensor(sum(a > 2, tn::axis<0>)).to_vector() == std::vector<std::int64_t>{1, 1, 2});
}
TEST_CASE("fold: a sum does not depend on what lies around it", "[tensor][fold]") {
  // The same 5000 floats as a whole, and as one row of several: same blocks, same bits.
  tn::Tensor<float, tn::dyn, tn::dyn> x({3, 5000});
  auto w = x.mut();
  for (Index i = 0; i < x.size(); ++i) w.data()[i] = 1 / static_cast<float>(i % 5000 + 1);
  { auto closed = std::move(w); }
  const tn::Tensor rows = sum(x, tn::axis<1>);
  CHECK(rows(0) == rows(2));
  CHECK(sum(x(1)).item() == rows(1));
}
