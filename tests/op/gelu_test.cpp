#include "tenon/op/gelu.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("gelu: value and derivatives follow long double", "[op][gelu]") {
  check_elementwise<tn::Gelu>([](const auto& x) { return tn::gelu(x); },
                              [](long double x) { return x * (1 + std::erf(x / std::sqrt(2.0L))) / 2; }, Accuracy{2, 3},
                              Domain{-3, 3});
}
TEST_CASE("gelu: large arguments", "[op][gelu]") {
  check_edges<tn::Gelu, 1>({{{100}, 100, {1}}, {{-100}, 0, {0}}, {{0}, 0, {0.5}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
