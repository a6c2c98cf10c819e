#include "tenon/tensor/make.hpp"

#include <limits>
#include <span>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/from_vector.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/make_range.hpp"
#include "tenon/tensor/unsafe_borrow.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

namespace {
template <class T, class X> constexpr bool is = std::is_same_v<std::remove_cvref_t<X>, T>;
template <class T, Index... E> bool all_are(const tn::Tensor<T, E...>& t, T value) {
  for (const T& x : t)
    if (!(x == value)) return false;
  return true;
}
}  // namespace

TEST_CASE("make: every way to say a shape", "[tensor][make]") {
  const int n = 4;
  const std::size_t m = 2;
  const auto a = tn::zeros<float>(n, m);
  const auto b = tn::zeros<float>({n, m});
  const auto c = tn::zeros<float, dyn, 3>(n, 3);
  const auto d = tn::zeros<float, dyn, 3>({n, 3});
  const auto e = tn::zeros<float, 2, 3>();
  const auto f = tn::zeros<double>(c.shape());
  const auto g = tn::zeros<double>();
  STATIC_REQUIRE(is<tn::Tensor<float, dyn, dyn>, decltype(a)> && is<tn::Tensor<float, dyn, dyn>, decltype(b)>);
  STATIC_REQUIRE(is<tn::Tensor<float, dyn, 3>, decltype(c)> && is<tn::Tensor<float, dyn, 3>, decltype(d)>);
  STATIC_REQUIRE(is<tn::Tensor<float, 2, 3>, decltype(e)> && is<tn::Tensor<double, dyn, 3>, decltype(f)> &&
                 is<tn::Tensor<double>, decltype(g)>);
  CHECK(tn::to_string(a.shape()) == "(4, 2)");
  CHECK(tn::to_string(b.shape()) == "(4, 2)");
  CHECK(tn::to_string(f.shape()) == "(4, 3)");
  CHECK(all_are(a, 0.f));
  CHECK(all_are(tn::ones<std::int32_t>(3, 5), 1));
  CHECK(all_are(tn::ones<double, 2, 2>(), 1.0));
  CHECK(all_are(tn::full<float>(0.5, {2, n}), 0.5f));
  CHECK(all_are(tn::full<float, 3>(2), 2.f));
  CHECK(all_are(tn::full<bool>(true, 3), true));
  CHECK(tn::full<std::uint8_t>(7, f.shape()).size() == 12);
  CHECK(tn::ones<float>(0, 3).size() == 0);
  CHECK_THROWS_AS((tn::zeros<float, dyn, 3>(n, 4)), tn::ShapeError);
  CHECK_THROWS_AS(tn::zeros<float>(n, -1), tn::ShapeError);
  CHECK_THROWS_AS(tn::zeros<float>(Index{1} << 40, Index{1} << 40), tn::ShapeError);
}
TEST_CASE("make: eye", "[tensor][make]") {
  const auto check = [](const auto& e, Index rows, Index columns) {
    CHECK((e.shape()[0] == rows && e.shape()[1] == columns));
    for (Index i = 0; i < rows; ++i)
      for (Index j = 0; j < columns; ++j) CHECK(e(i, j) == (i == j ? 1 : 0));
  };
  check(tn::eye<float>(3), 3, 3);
  check(tn::eye<float>(2, 4), 2, 4);
  check(tn::eye<double, 3>(), 3, 3);
  check(tn::eye<std::int64_t, 4, 2>(), 4, 2);
  check(tn::eye<float, dyn, 3>(2, 3), 2, 3);
  check(tn::eye<float>(0), 0, 0);
  STATIC_REQUIRE(is<tn::Tensor<double, 3, 3>, decltype(tn::eye<double, 3>())>);
}
TEST_CASE("make: values of a frame", "[tensor][make]") {
  tn::Arena arena;
  tn::Scope scope(arena);
  const int n = 3;
  const auto a = tn::zeros<float>(scope, n, 2);
  const auto b = tn::ones<float, 2, 3>(scope);
  const auto c = tn::full<double>(scope, 4, {n});
  const auto d = tn::full<double>(scope, 4, n, 2);
  const auto e = tn::eye<float>(scope, 2);
  const auto f = tn::arange<float>(scope, 1, 4);
  const auto g = tn::linspace<float>(scope, 0, 1, 3);
  tn::Rng rng(1);
  const auto h = tn::normal<float>(scope, rng, {2, n});
  const auto i = tn::uniform<float, 2, 2>(scope, rng, -1, 1);
  const auto j = tn::zeros<float>(scope, {2, n});
  STATIC_REQUIRE(is<tn::Value<float, dyn, dyn>, decltype(a)> && is<tn::Value<float, 2, 3>, decltype(b)> &&
                 is<tn::Value<double, dyn>, decltype(c)>);
  STATIC_REQUIRE(is<tn::Value<float, 2, 2>, decltype(i)> && is<tn::Value<float, dyn, dyn>, decltype(j)>);
  CHECK(tn::equal(a, tn::zeros<float>(3, 2)));
  CHECK(tn::equal(b, tn::ones<float>(2, 3)));
  CHECK(tn::equal(c, tn::full<double>(4, 3)));
  CHECK(d.size() == 6);
  CHECK(tn::equal(e, tn::eye<float>(2)));
  CHECK(f.to_vector() == std::vector<float>{1, 2, 3});
  CHECK(g.to_vector() == std::vector<float>{0, 0.5f, 1});
  tn::Rng again(1);
  CHECK(tn::equal(h, tn::normal<float>(again, 2, n)));
  const tn::Value sum = a + 1;  // it is in the frame
  CHECK(sum(0, 0) == 1);
}

// ---- make_range.hpp
TEST_CASE("make: arange counts as NumPy", "[tensor][make]") {
  STATIC_REQUIRE(is<tn::Tensor<std::int64_t, dyn>, decltype(tn::arange(5))>);
  STATIC_REQUIRE(is<tn::Tensor<float, dyn>, decltype(tn::arange(0.f, 1.f))>);
  STATIC_REQUIRE(is<tn::Tensor<double, dyn>, decltype(tn::arange(1.5))>);
  STATIC_REQUIRE(is<tn::Tensor<float, 4>, decltype(tn::arange<float, 4>())>);
  CHECK(tn::arange(4).to_vector() == std::vector<std::int64_t>{0, 1, 2, 3});
  CHECK(tn::arange(5, 0, -2).to_vector() == std::vector<std::int64_t>{5, 3, 1});
  CHECK(tn::arange(-3, 4, 3).to_vector() == std::vector<std::int64_t>{-3, 0, 3});
  CHECK(tn::arange(3, 3).size() == 0);
  CHECK(tn::arange(3, 0).size() == 0);
  CHECK(tn::arange<float>(0, 1, 0.1).size() == 10);
  CHECK(tn::arange<double>(0, 1, 0.1)(3) == 0.1 * 3);  // first + i step, not a running sum
  CHECK(tn::arange(0.0, 0.35, 0.1).size() == 4);
  CHECK(tn::arange<float, 3>().to_vector() == std::vector<float>{0, 1, 2});
  constexpr auto most = std::numeric_limits<std::int64_t>::max(), least = std::numeric_limits<std::int64_t>::min();
  CHECK(tn::arange(least, most, most).to_vector() == std::vector<std::int64_t>{least, -1, most - 1});
  CHECK(tn::arange(most, least, least).to_vector() == std::vector<std::int64_t>{most, -1});
  CHECK_THROWS_AS(tn::arange(0, 3, 0), tn::ValueError);
  CHECK_THROWS_AS(tn::arange(0., 3., 0.), tn::ValueError);
  CHECK_THROWS_AS(tn::arange(0., HUGE_VAL), tn::ValueError);
  CHECK_THROWS_AS(tn::arange(0., std::nan("")), tn::ValueError);
  CHECK_THROWS_AS(tn::arange(0., 1e300, 1.), tn::ValueError);
}
TEST_CASE("make: linspace has exact ends and even steps", "[tensor][make]") {
  CHECK(tn::linspace<double>(0, 1, 5).to_vector() == std::vector<double>{0, 0.25, 0.5, 0.75, 1});
  CHECK(tn::linspace<float, 3>(-1, 1).to_vector() == std::vector<float>{-1, 0, 1});
  CHECK(tn::linspace<float>(2, 3, 1).to_vector() == std::vector<float>{2});
  CHECK(tn::linspace<float>(2, 3, 0).size() == 0);
  CHECK_THROWS_AS(tn::linspace<float>(2, 3, -1), tn::ShapeError);
  const auto x = tn::linspace<double>(0.1, 0.7, 100);
  CHECK(x(0) == 0.1);
  CHECK(x(99) == 0.7);
  for (Index i = 0; i < 100; ++i)
    CHECK(std::abs(static_cast<long double>(x(i)) - (0.1L + (0.7L - 0.1L) * static_cast<long double>(i) / 99)) <
          1e-15L);
  const auto wide = tn::linspace<double>(-1.5e308, 1.5e308, 3);  // last - first is no double
  CHECK(wide(1) == 0);
  CHECK(wide(2) == 1.5e308);
}

// ---- make_random.hpp
TEST_CASE("make: random tensors are the generator's draws in row-major order", "[tensor][make]") {
  tn::Rng a(3), b(3);
  const auto u = tn::uniform<float>(a, 5, 7);
  for (Index i = 0; i < 35; ++i) CHECK(u.data()[i] == b.uniform<float>());
  const auto z = tn::normal<double, 2, 3>(a);
  for (Index i = 0; i < 6; ++i) CHECK(z.data()[i] == b.normal<double>());
  const auto wide = tn::uniform<float>(a, {100, 10}, -2, 3);
  float low = 9, high = -9;
  for (float x : wide) (low = x < low ? x : low, high = x > high ? x : high);
  CHECK((low >= -2 && low < -1.9f && high < 3 && high > 2.9f));
  const auto moved = tn::normal<double>(a, u.shape(), 100, 0.5);
  for (double x : moved) CHECK((x > 95 && x < 105));
  CHECK(tn::uniform<tn::bfloat16, 4>(a).size() == 4);
  CHECK(tn::uniform<float, dyn, 3>(a, {4, 3}, 0, 2).shape()[0] == 4);
  CHECK_THROWS_AS(tn::uniform<float>(a, {3}, 1, -1), tn::ValueError);
}

// ---- from_vector.hpp
TEST_CASE("make: from_vector copies any container", "[tensor][make]") {
  std::vector<float> v{1, 2, 3, 4, 5, 6};
  const auto a = tn::from_vector(v, {2, 3});
  v[0] = 9;
  CHECK(a.to_vector() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(tn::from_vector(v)(0) == 9);
  CHECK(tn::from_vector(v, 3, -1)(2, 1) == 6);
  CHECK(tn::from_vector<2, 3>(v)(1, 0) == 4);
  STATIC_REQUIRE(is<tn::Tensor<float, dyn, 2>, decltype(tn::from_vector<dyn, 2>(v))>);
  CHECK(tn::from_vector<dyn, 2>(v).shape()[0] == 3);
  CHECK(tn::from_vector(std::span<const float>(v).subspan(2))(0) == 3);
  CHECK(tn::from_vector(std::array<double, 3>{1, 2, 3}).size() == 3);
  CHECK(tn::from_vector(std::vector<bool>{true, false, true}).to_vector() == std::vector<bool>{true, false, true});
  STATIC_REQUIRE(is<tn::Tensor<bool, dyn>, decltype(tn::from_vector(std::vector<bool>{}))>);
  CHECK(tn::from_vector(std::vector<float>{}, {0, 3}).size() == 0);
  CHECK(says(error_of<tn::ShapeError>([&] {
               (void)tn::from_vector(v, {4, -1});
             }),
             "6 elements do not fit extents (4, -1)"));
  CHECK_THROWS_AS((tn::from_vector<2, 2>(v)), tn::ShapeError);
}

// ---- unsafe_borrow.hpp
TEST_CASE("make: borrowed memory is read and written in place", "[tensor][make]") {
  std::vector<float> v{1, 2, 3, 4, 5, 6};
  auto lent = tn::unsafe_borrow(v, {2, 3});
  CHECK(lent.view().data() == v.data());
  CHECK(lent(1, 2) == 6);
  v[5] = 7;
  CHECK(lent(1, 2) == 7);
  lent.mut() = 2 * lent;
  CHECK(v == std::vector<float>{2, 4, 6, 8, 10, 14});
  lent.mut()(0, tn::range(0, 2)) = lent(1, tn::range(1, 3));  // its own elements, under its borrow
  CHECK(v[0] == 10);
  const tn::Tensor sum = lent + lent(0, tn::all);
  CHECK(sum(1, 0) == 18);
  const auto constant = tn::unsafe_borrow<2, 3>(static_cast<const float*>(v.data()));
  CHECK(constant(0, 0) == 10);
  CHECK(tn::unsafe_borrow(v.data(), 6).size() == 6);
  CHECK_THROWS_AS(tn::unsafe_borrow(v, {4, 2}), tn::ShapeError);
  CHECK_THROWS_AS(tn::unsafe_borrow(static_cast<float*>(nullptr), 3), tn::ValueError);
  CHECK(tn::unsafe_borrow(static_cast<float*>(nullptr), 0).size() == 0);
}
TEST_CASE("make: views of borrowed memory end with the lender", "[tensor][make]") {
  std::vector<float> v{1, 2, 3};
  std::optional<tn::View<float, dyn>> view;
  {
    const auto gone = tn::unsafe_borrow(v);
    view = gone.view();
  }
  CHECK(says(error_of([&] { (void)(*view)(0); }), "stale handle"));
  auto lent = tn::unsafe_borrow(v);
  const auto moved = std::move(lent);
  CHECK(says(error_of([&] { (void)lent.view(); }), "moved from"));
  CHECK(moved(2) == 3);
  auto open = tn::unsafe_borrow(v);
  const auto w = open.mut();
  CHECK(says(error_of([&] { (void)open(0); }), "MutView"));
  CHECK_THROWS_AS(open.mut(), tn::OwnershipError);
}
TEST_CASE("make: a frame copies borrowed memory, for it cannot keep it", "[tensor][make]") {
  std::vector<float> v{1, 2, 3};
  tn::Arena arena;
  tn::Scope scope(arena);
  const tn::Value x = [&] {
    const auto lent = tn::unsafe_borrow(v);
    return scope.input(lent.view());
  }();
  v[0] = 100;
  CHECK(x.to_vector() == std::vector<float>{1, 2, 3});
}
