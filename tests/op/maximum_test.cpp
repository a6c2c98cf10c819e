#include "tenon/op/maximum.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("maximum: value and derivatives follow long double", "[op][maximum]") {
  auto f = [](const auto& x, const auto& y) { return tn::maximum(x, y); };
  auto truth = [](long double x, long double y) { return std::max(x, y); };
  check_elementwise<tn::Maximum>(f, truth, Accuracy{0}, Domain{-3, -0.01}, Domain{0.01, 2});
  check_elementwise<tn::Maximum>(f, truth, Accuracy{0}, Domain{0.01, 2}, Domain{-3, -0.01});
  check_values_of<float>(f, truth, Accuracy{0}, Domain{-3, 3}, Domain{-3, 3});
  check_values_of<std::int64_t>(f, truth, Accuracy{0}, Domain{-5, 5, 1}, Domain{-5, 5, 1});
}
TEST_CASE("maximum: ties share the derivative, NaN passes from either side", "[op][maximum]") {
  check_edges<tn::Maximum, 2>(
      {{{2, 2}, 2, {0.5, 0.5}}, {{nan, 1}, nan, {1, 1}}, {{1, nan}, nan, {1, 1}}, {{inf, inf}, inf, {0.5, 0.5}}});
}

}  // namespace tenon_test
