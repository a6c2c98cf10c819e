#include "tenon/op/log1p.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("log1p: value and derivatives follow long double", "[op][log1p]") {
  check_elementwise<tn::Log1p>([](const auto& x) { return tn::log1p(x); }, [](long double x) { return std::log1p(x); },
                               Accuracy{1.6}, Domain{-0.7, 3});
}
TEST_CASE("log1p: -inf at -1, NaN below", "[op][log1p]") {
  check_edges<tn::Log1p, 1>(
      {{{-1}, -inf, {inf}}, {{inf}, inf, {0}}, {{-2}, nan}, {{0}, 0, {1}}, {{1e-30}, 1e-30, {1}}});
}

}  // namespace tenon_test
