#include "tenon/op/square.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("square: value and derivatives follow long double", "[op][square]") {
  check_elementwise<tn::Square>([](const auto& x) { return tn::square(x); }, [](long double x) { return x * x; },
                                Accuracy{0.5}, Domain{-3, 3});
}
TEST_CASE("square: infinities and NaN", "[op][square]") {
  check_edges<tn::Square, 1>({{{-inf}, inf, {-inf}}, {{0}, 0, {0}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
