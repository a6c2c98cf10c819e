#include "tenon/op/relu.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("relu: value and derivatives follow long double", "[op][relu]") {
  auto f = [](const auto& x) { return tn::relu(x); };
  auto truth = [](long double x) { return x > 0 ? x : 0; };
  check_elementwise<tn::Relu>(f, truth, Accuracy{0}, Domain{0.01, 3});
  check_elementwise<tn::Relu>(f, truth, Accuracy{0}, Domain{-3, -0.01});
  check_values_of<float>(f, truth, Accuracy{0}, Domain{-3, 3, 0.5});
  check_values_of<std::int32_t>(f, truth, Accuracy{0}, Domain{-30, 30, 1});
}
TEST_CASE("relu: NaN passes, the derivative at 0 is 0", "[op][relu]") {
  check_edges<tn::Relu, 1>({{{0}, 0, {0}}, {{-0.0}, 0, {0}}, {{nan}, nan, {1}}, {{inf}, inf, {1}}, {{-inf}, 0, {0}}});
}

}  // namespace tenon_test
