#include "tenon/op/tan.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("tan: value and derivatives follow long double", "[op][tan]") {
  check_elementwise<tn::Tan>([](const auto& x) { return tn::tan(x); }, [](long double x) { return std::tan(x); },
                             Accuracy{1.8}, Domain{-1.3, 1.3});
}
TEST_CASE("tan: NaN at infinities", "[op][tan]") {
  check_edges<tn::Tan, 1>({{{inf}, nan, {nan}}, {{0}, 0, {1}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
