#include "tenon/op/sin.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("sin: value and derivatives follow long double", "[op][sin]") {
  check_elementwise<tn::Sin>([](const auto& x) { return tn::sin(x); }, [](long double x) { return std::sin(x); },
                             Accuracy{1.7}, Domain{-7, 7});
}
TEST_CASE("sin: NaN at infinities", "[op][sin]") {
  check_edges<tn::Sin, 1>({{{inf}, nan, {nan}}, {{-inf}, nan, {nan}}, {{0}, 0, {1}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
