#include "tenon/op/rsqrt.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("rsqrt: value and derivatives follow long double", "[op][rsqrt]") {
  check_elementwise<tn::Rsqrt>([](const auto& x) { return tn::rsqrt(x); },
                               [](long double x) { return 1 / std::sqrt(x); }, Accuracy{1.5}, Domain{0.1, 9});
}
TEST_CASE("rsqrt: infinite at 0, NaN below", "[op][rsqrt]") {
  check_edges<tn::Rsqrt, 1>({{{0}, inf, {-inf}}, {{inf}, 0, {0}}, {{-1}, nan, {nan}}, {{4}, 0.5, {-0.0625}}});
}

}  // namespace tenon_test
