#include "tenon/op/expm1.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("expm1: value and derivatives follow long double", "[op][expm1]") {
  check_elementwise<tn::Expm1>([](const auto& x) { return tn::expm1(x); }, [](long double x) { return std::expm1(x); },
                               Accuracy{1.7}, Domain{-2, 2});
}
TEST_CASE("expm1: limits", "[op][expm1]") {
  check_edges<tn::Expm1, 1>(
      {{{inf}, inf, {inf}}, {{-inf}, -1, {0}}, {{0}, 0, {1}}, {{1e-30}, 1e-30, {1}}, {{nan}, nan}});
}

}  // namespace tenon_test
