#include "tenon/op/log.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("log: value and derivatives follow long double", "[op][log]") {
  check_elementwise<tn::Log>([](const auto& x) { return tn::log(x); }, [](long double x) { return std::log(x); },
                             Accuracy{1}, Domain{0.1, 9});
}
TEST_CASE("log: -inf at 0, NaN below", "[op][log]") {
  check_edges<tn::Log, 1>(
      {{{0}, -inf, {inf}}, {{inf}, inf, {0}}, {{-1}, nan, {-1}}, {{1}, 0, {1}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
