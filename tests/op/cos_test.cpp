#include "tenon/op/cos.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("cos: value and derivatives follow long double", "[op][cos]") {
  check_elementwise<tn::Cos>([](const auto& x) { return tn::cos(x); }, [](long double x) { return std::cos(x); },
                             Accuracy{1.7}, Domain{-7, 7});
}
TEST_CASE("cos: NaN at infinities", "[op][cos]") {
  check_edges<tn::Cos, 1>({{{inf}, nan, {nan}}, {{0}, 1, {0}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
