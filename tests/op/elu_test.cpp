#include "tenon/op/elu.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("elu: value and derivatives follow long double", "[op][elu]") {
  auto f = [](const auto& x, const auto& alpha) { return tn::elu(x, alpha); };
  auto truth = [](long double x, long double alpha) { return x > 0 ? x : alpha * std::expm1(x); };
  check_elementwise<tn::Elu>(f, truth, Accuracy{3}, Domain{0.01, 3}, Domain{0.5, 2});
  check_elementwise<tn::Elu>(f, truth, Accuracy{3}, Domain{-3, -0.01}, Domain{0.5, 2});
}
TEST_CASE("elu: alpha is 1 when not given; large arguments do not overflow", "[op][elu]") {
  check_values_of<float>([](const auto& x) { return tn::elu(x); },
                         [](long double x) { return x > 0 ? x : std::expm1(x); }, Accuracy{3}, Domain{-3, 3});
  check_edges<tn::Elu, 2>({{{1000, 1}, 1000, {1, 0}}, {{-inf, 2}, -2, {0, -1}}, {{nan, 1}, nan}, {{0, 1}, 0, {1, 0}}});
}

}  // namespace tenon_test
