#include "tenon/op/take_along.hpp"

#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/cumsum.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/one_hot.hpp"
#include "tenon/op/sort.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

template <class F, class... X> void check_gradient(const F& f, const X&... x) {
  const auto report = tn::gradcheck(f, x...);
  INFO(to_string(report));
  CHECK(report.ok);
}
const float not_a_number = NAN, infinity = HUGE_VALF;

}  // namespace

TEST_CASE("take_along, scatter_add: elements by their index along any axis", "[op][take_along]") {
  tn::Rng rng(1);
  const auto x = tn::uniform<float>(rng, {3, 4, 2}, -1.f, 1.f);
  tn::Tensor<std::int32_t, dyn, dyn, dyn> k({3, 5, 2});
  for (Index i = 0; i < 30; ++i) k.mut().data()[i] = static_cast<std::int32_t>(i * 7 % 4);
  const tn::Tensor y = tn::take_along(x, k, tn::axis<1>);
  REQUIRE(y.shape().extents() == std::array<Index, 3>{3, 5, 2});
  const tn::Tensor z = tn::scatter_add(x, k, y, tn::axis<-2>);
  for (Index i = 0; i < 3; ++i)
    for (Index l = 0; l < 2; ++l) {
      double want[4] = {x(i, 0, l), x(i, 1, l), x(i, 2, l), x(i, 3, l)};
      for (Index j = 0; j < 5; ++j) {
        CHECK(y(i, j, l) == x(i, k(i, j, l), l));
        want[k(i, j, l)] += x(i, k(i, j, l), l);
      }
      for (Index j = 0; j < 4; ++j) CHECK(z(i, j, l) == Approx(want[j]));
    }
  k.mut()(1, 2, 1) = 4;
  CHECK(says(error_of<tn::ValueError>([&] { (void)tn::Tensor(tn::take_along(x, k, tn::axis<1>)); }),
             "tenon::take_along: index 4 at (1, 2, 1) is outside [0, 4)"));
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::take_along(x, k, tn::axis<0>)); }),
             "shapes (3, 4, 2) and (3, 5, 2) differ in dimension 1"));
}

TEST_CASE("one_hot: a row of 0 with one 1 for each label", "[op][take_along][one_hot]") {
  const tn::Tensor<std::uint8_t, 2, 2> labels = {{1, 0}, {2, 2}};
  const tn::Tensor y = tn::one_hot(labels, 3);
  STATIC_REQUIRE(std::is_same_v<std::remove_const_t<decltype(y)>, tn::Tensor<float, 2, 2, dyn>>);
  CHECK(y.to_vector() == std::vector<float>{0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1});
  CHECK(says(error_of<tn::ValueError>([&] { (void)tn::Tensor(tn::one_hot(labels, 2)); }),
             "tenon::one_hot: index 2 at (1, 0) is outside [0, 2)"));
}

TEST_CASE("sort, argsort, top_k: stable, NaN the largest, along any axis", "[op][take_along][sort]") {
  for (const Index n : {0, 1, 2, 7, 8, 9, 33, 100}) {
    tn::Tensor<int, dyn, 2> x({n, 2});
    for (Index i = 0; i < 2 * n; ++i) x.mut().data()[i] = static_cast<int>(i * i % 11 - i % 5);  // many equal
    const tn::Tensor up = tn::argsort(x, tn::axis<0>), down = tn::argsort(x, tn::axis<0>, tn::descending);
    const tn::Tensor sorted = tn::sort(tn::transpose(x), tn::axis<1>);
    bool good = true;
    for (Index c = 0; c < 2; ++c) {
      std::vector<int> seen(static_cast<std::size_t>(n));
      for (Index i = 0; i < n; ++i) {
        ++seen[static_cast<std::size_t>(up(i, c))];
        good = good && sorted(c, i) == x(up(i, c), c);
        if (i == 0) continue;
        const int a = x(up(i - 1, c), c), b = x(up(i, c), c), d = x(down(i - 1, c), c), e = x(down(i, c), c);
        good = good && (a < b || (a == b && up(i - 1, c) < up(i, c)));
        good = good && (d > e || (d == e && down(i - 1, c) < down(i, c)));
      }
      for (int s : seen) good = good && s == 1;
    }
    INFO(n);
    CHECK(good);
  }
  const tn::Tensor<float, 5> x = {3, not_a_number, -infinity, 5, 3};
  CHECK(tn::Tensor(tn::argsort(x, tn::axis<0>)).to_vector() == std::vector<std::int64_t>{2, 0, 4, 3, 1});
  const auto [values, indices] = tn::top_k(x, 3, tn::axis<0>);
  CHECK(tn::Tensor(indices).to_vector() == std::vector<std::int64_t>{1, 3, 0});
  CHECK(tn::Tensor(values)(1) == 5);
  CHECK(tn::Tensor(tn::top_k(x, 0, tn::axis<0>).values).size() == 0);
  CHECK(says(error_of<tn::ValueError>([&] { (void)tn::top_k(x, 6, tn::axis<0>); }), "k is 6 but shape (5,) has 5"));
  const tn::Tensor<float, dyn, dyn> long_lines({0, Index{1} << 32});
  for (const auto& message : {error_of<tn::ValueError>([&] { (void)tn::argsort(long_lines, tn::axis<1>); }),
                              error_of<tn::ValueError>([&] { (void)tn::top_k(long_lines, 1, tn::axis<1>); })})
    CHECK(says(message, "4294967296 elements of 32 bits along the axis"));
}

TEST_CASE("cumsum: running sums along any axis", "[op][take_along][cumsum]") {
  const tn::Tensor<int, 2, 3> x = {{1, 2, 3}, {4, 5, 6}};
  CHECK(tn::Tensor(tn::cumsum(x, tn::axis<0>)).to_vector() == std::vector<int>{1, 2, 3, 5, 7, 9});
  CHECK(tn::Tensor(tn::cumsum(x, tn::axis<1>)).to_vector() == std::vector<int>{1, 3, 6, 4, 9, 15});
  tn::Tensor<float, dyn, dyn> wide({3, 300});
  wide.mut() = 1.f;
  const tn::Tensor y = tn::cumsum(wide, tn::axis<0>);
  CHECK((y(2, 0) == 3 && y(2, 299) == 3 && y(1, 256) == 2));
}

TEST_CASE("take_along, scatter_add, sort, top_k, cumsum: gradients", "[op][take_along][grad]") {
  tn::Rng rng(2);
  const auto a = tn::uniform<double>(rng, {3, 4}, -1.0, 1.0), b = tn::uniform<double>(rng, {3, 2}, -1.0, 1.0);
  const tn::Tensor<std::int64_t, 3, 2> k = {{0, 0}, {3, 1}, {2, 2}};
  check_gradient(
      [&](const auto& x, const auto& s) {
        const auto y = tn::scatter_add(x, k, s, tn::axis<1>);
        return tn::take_along(y * x, k, tn::axis<1>) * s;
      },
      a, b);
  check_gradient(
      [](const auto& x) {
        const auto top = tn::top_k(x, 2, tn::axis<1>);
        return tn::cumsum(tn::sort(x, tn::axis<1>, tn::descending) * x, tn::axis<0>) * tn::cumsum(x, tn::axis<1>) *
               tn::take_along(top.values, tn::Tensor<std::int64_t, 3, 4>{{0, 1, 0, 1}, {0, 1, 0, 1}, {1, 1, 1, 0}},
                              tn::axis<1>);
      },
      a);
}
