#include "tenon/op/leaky_relu.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("leaky_relu: value and derivatives follow long double", "[op][leaky_relu]") {
  auto f = [](const auto& x, const auto& slope) { return tn::leaky_relu(x, slope); };
  auto truth = [](long double x, long double slope) { return x > 0 ? x : slope * x; };
  check_elementwise<tn::LeakyRelu>(f, truth, Accuracy{0.5}, Domain{0.01, 3}, Domain{0, 1});
  check_elementwise<tn::LeakyRelu>(f, truth, Accuracy{0.5}, Domain{-3, -0.01}, Domain{0, 1});
}
TEST_CASE("leaky_relu: the slope may be a number; NaN passes", "[op][leaky_relu]") {
  check_values_of<float>([](const auto& x) { return tn::leaky_relu(x, 0.25); },
                         [](long double x) { return x > 0 ? x : x / 4; }, Accuracy{0}, Domain{-3, 3});
  check_edges<tn::LeakyRelu, 2>({{{nan, 0.5}, nan, {0.5, nan}}, {{0, 0.5}, 0, {0.5, 0}}, {{inf, 0}, inf, {1, 0}}});
  check_values_of<float>([](const auto& x) { return tn::leaky_relu(x); },
                         [](long double x) { return x > 0 ? x : x * static_cast<long double>(0.01f); }, Accuracy{0.5},
                         Domain{-3, 3});
}

}  // namespace tenon_test
