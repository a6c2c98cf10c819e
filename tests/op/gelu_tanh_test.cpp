#include "tenon/op/gelu_tanh.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("gelu_tanh: value and derivatives follow long double", "[op][gelu_tanh]") {
  check_elementwise<tn::GeluTanh>(
      [](const auto& x) { return tn::gelu_tanh(x); },
      [](long double x) {
        return x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0L)) * (x + 0.044715L * x * x * x))) / 2;
      },
      Accuracy{32, 4}, Domain{-3, 3});
}
TEST_CASE("gelu_tanh: large arguments", "[op][gelu_tanh]") {
  check_edges<tn::GeluTanh, 1>({{{100}, 100, {1}}, {{-100}, 0, {0}}, {{0}, 0, {0.5}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
