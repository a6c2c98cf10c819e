#include "tenon/op/erf.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("erf: value and derivatives follow long double", "[op][erf]") {
  check_elementwise<tn::Erf>([](const auto& x) { return tn::erf(x); }, [](long double x) { return std::erf(x); },
                             Accuracy{1.7}, Domain{-2.5, 2.5});
}
TEST_CASE("erf: limits", "[op][erf]") {
  check_edges<tn::Erf, 1>({{{inf}, 1, {0}}, {{-inf}, -1, {0}}, {{0}, 0}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
