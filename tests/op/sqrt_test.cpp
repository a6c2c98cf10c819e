#include "tenon/op/sqrt.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("sqrt: value and derivatives follow long double", "[op][sqrt]") {
  check_elementwise<tn::Sqrt>([](const auto& x) { return tn::sqrt(x); }, [](long double x) { return std::sqrt(x); },
                              Accuracy{0.5}, Domain{0.1, 9});
}
TEST_CASE("sqrt: the derivative at 0 is infinite; NaN below 0", "[op][sqrt]") {
  check_edges<tn::Sqrt, 1>({{{0}, 0, {inf}}, {{inf}, inf, {0}}, {{-1}, nan, {nan}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
