#include "tenon/op/abs.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("abs: value and derivatives follow long double", "[op][abs]") {
  auto f = [](const auto& x) { return tn::abs(x); };
  auto truth = [](long double x) { return std::abs(x); };
  check_elementwise<tn::Abs>(f, truth, Accuracy{0}, Domain{0.01, 3});
  check_elementwise<tn::Abs>(f, truth, Accuracy{0}, Domain{-3, -0.01});
  check_values_of<std::int32_t>(f, truth, Accuracy{0}, Domain{-30, 30, 1});
  check_values_of<std::uint8_t>(f, truth, Accuracy{0}, Domain{0, 255, 1});
}
TEST_CASE("abs: the derivative at 0 is 0", "[op][abs]") {
  check_edges<tn::Abs, 1>({{{0}, 0, {0}}, {{-inf}, inf, {-1}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
