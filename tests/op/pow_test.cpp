#include "tenon/op/pow.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("pow: value and derivatives follow long double", "[op][pow]") {
  check_elementwise<tn::Pow>([](const auto& x, const auto& y) { return tn::pow(x, y); },
                             [](long double x, long double y) { return std::pow(x, y); }, Accuracy{1}, Domain{0.2, 3},
                             Domain{-2, 3});
}
TEST_CASE("pow: either side may be a number", "[op][pow]") {
  check_values_of<float>([](const auto& x) { return tn::pow(x, 3); }, [](long double x) { return x * x * x; },
                         Accuracy{1}, Domain{-3, 3});
  check_values_of<double>([](const auto& x) { return tn::pow(2.0, x); }, [](long double x) { return std::exp2(x); },
                          Accuracy{1}, Domain{-3, 3});
}
TEST_CASE("pow: derivatives at 0 are those of the limits, not NaN", "[op][pow]") {
  check_edges<tn::Pow, 2>({{{0, 0}, 1, {0, 0}},
                           {{0, 1}, 0, {1, 0}},
                           {{0, 2}, 0, {0, 0}},
                           {{0, 0.5}, 0, {inf, 0}},
                           {{2, 0}, 1, {0}},
                           {{-2, 2}, 4, {-4}},
                           {{-2, 0.5}, nan},
                           {{nan, 0}, 1, {0}},
                           {{1, nan}, 1}});
}
TEST_CASE("pow: a number among duals is a constant, at any depth and in lanes", "[op][pow]") {
  using D = tn::Dual<double>;
  const tn::Dual<D> y = tn::pow(tn::Dual<D>(D(2, 1), D(1, 0)), 3);
  CHECK(y.value.value == 8);
  CHECK(y.value.tangent == 12);
  CHECK(y.tangent.tangent == 12);
  using Lanes = tn::simd::Batch<float>;
  const tn::Dual<Lanes> z = tn::pow(2, tn::Dual<Lanes>(Lanes(3), Lanes(1)));
  CHECK(z.value.first() == 8);
  CHECK(z.tangent.first() == Approx(8 * std::log(2.0)));
}

}  // namespace tenon_test
