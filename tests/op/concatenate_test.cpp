#include "tenon/op/concatenate.hpp"

#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/pad.hpp"
#include "tenon/op/repeat.hpp"
#include "tenon/op/split.hpp"
#include "tenon/op/sum.hpp"
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

}  // namespace

TEST_CASE("concatenate: operands one behind the other, along any axis", "[op][concatenate]") {
  tn::Rng rng(1);
  const auto a = tn::uniform<float>(rng, {2, 3, 4}, -1.f, 1.f), b = tn::uniform<float>(rng, {2, 5, 4}, -1.f, 1.f);
  const auto turned = tn::uniform<float>(rng, {4, 2, 2}, -1.f, 1.f);
  const auto c = tn::permute(turned, tn::axis<1, 2, 0>);  // 2, 2, 4 with gaps
  const tn::Tensor y = tn::concatenate(tn::axis<1>, a, b, c);
  REQUIRE(y.shape().extents() == std::array<Index, 3>{2, 10, 4});
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 10; ++j)
      for (Index k = 0; k < 4; ++k) CHECK(y(i, j, k) == (j < 3 ? a(i, j, k) : j < 8 ? b(i, j - 3, k) : c(i, j - 8, k)));
  const tn::Tensor<int, 2, 1> p = {{1}, {2}};
  const tn::Tensor<int, 2, 2> q = {{3, 4}, {5, 6}};
  const tn::Tensor r = tn::concatenate(tn::axis<-1>, p, q);
  const tn::Tensor s = tn::stack(tn::axis<1>, q, q + 10);
  STATIC_REQUIRE(std::is_same_v<std::remove_const_t<decltype(r)>, tn::Tensor<int, 2, 3>>);
  STATIC_REQUIRE(std::is_same_v<std::remove_const_t<decltype(s)>, tn::Tensor<int, 2, 2, 2>>);
  CHECK(r.to_vector() == std::vector<int>{1, 3, 4, 2, 5, 6});
  CHECK(s.to_vector() == std::vector<int>{3, 4, 13, 14, 5, 6, 15, 16});
  const tn::Tensor last = tn::stack(tn::axis<-1>, q, q + 10);
  CHECK(last.to_vector() == std::vector<int>{3, 13, 4, 14, 5, 15, 6, 16});
  const tn::Tensor<float, dyn, dyn> none({0, 3}), two({2, 3});
  CHECK(tn::Tensor(tn::concatenate(tn::axis<0>, none, two)).shape()[0] == 2);
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::concatenate(tn::axis<1>, none, two)); }),
             "tenon::concatenate: shapes (0, 3) and (2, 3) differ in dimension 0"));
  CHECK_THROWS_AS(tn::Tensor(tn::stack(tn::axis<0>, none, two)), tn::ShapeError);
}

TEST_CASE("split: equal parts, and concatenate puts them together again", "[op][concatenate][split]") {
  tn::Rng rng(2);
  const auto x = tn::uniform<float>(rng, {3, 6, 2}, -1.f, 1.f);
  const auto [a, b, c] = tn::split<3>(x, tn::axis<1>);
  CHECK(tn::Tensor(b)(2, 1, 0) == x(2, 3, 0));
  CHECK(tn::Tensor(tn::concatenate(tn::axis<1>, a, b, c)).to_vector() == x.to_vector());
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::split<4>(x, tn::axis<1>); }),
             "4 equal parts of shape (3, 6, 2) along dimension 1"));
}

TEST_CASE("pad, repeat: borders and copies as NumPy's", "[op][concatenate][pad][repeat]") {
  const tn::Tensor<int, 2, 2> x = {{1, 2}, {3, 4}};
  const tn::Tensor y = tn::pad(x, {{{1, 0}, {0, 2}}}, 7);
  CHECK(y.to_vector() == std::vector<int>{7, 7, 7, 7, 1, 2, 7, 7, 3, 4, 7, 7});
  CHECK(tn::Tensor(tn::repeat(x, 2, tn::axis<0>)).to_vector() == std::vector<int>{1, 2, 1, 2, 3, 4, 3, 4});
  CHECK(tn::Tensor(tn::repeat(x, 2, tn::axis<1>)).to_vector() == std::vector<int>{1, 1, 2, 2, 3, 3, 4, 4});
  CHECK(tn::Tensor(tn::repeat(x, 0, tn::axis<1>)).size() == 0);
  CHECK(says(error_of<tn::ValueError>([&] {
               (void)tn::Tensor(tn::pad(x, {{{0, 0}, {0, -1}}}));
             }),
             "widths 0 and -1 of dimension 1"));
  CHECK_THROWS_AS(tn::Tensor(tn::repeat(x, -1, tn::axis<0>)), tn::ValueError);
}

TEST_CASE("concatenate, stack, split, pad, repeat: gradients", "[op][concatenate][grad]") {
  tn::Rng rng(3);
  const auto a = tn::uniform<double>(rng, {2, 3}, -1.0, 1.0), b = tn::uniform<double>(rng, {2, 5}, -1.0, 1.0);
  check_gradient(
      [](const auto& x, const auto& y) {
        const auto h = tn::concatenate(tn::axis<1>, x, y, x);  // x stands twice
        const auto [first, second] = tn::split<2>(tn::stack(tn::axis<0>, h * h, h), tn::axis<0>);
        return first * second;
      },
      a, b);
  check_gradient(
      [](const auto& x) {
        return tn::repeat(tn::pad(x, {{{1, 2}, {0, 3}}}, 0.5) * tn::pad(x * x, {{{1, 2}, {1, 2}}}), 3, tn::axis<0>) *
               tn::sum(tn::repeat(x, 0, tn::axis<1>));
      },
      a);
  check_gradient([](const auto& x) { return tn::repeat(tn::pad(x, {{{1, 2}, {0, 3}}}), 3, tn::axis<1>); }, a);
}
