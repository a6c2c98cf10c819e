#include "tenon/op/round.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("round: to the nearest integer, halves to the even one", "[op][round]") {
  auto f = [](const auto& x) { return tn::round(x); };
  auto truth = [](long double x) {
    return 2 * std::floor(x / 2 + 0.25L) == x - 0.5L ? x - 0.5L : std::floor(x + 0.5L);
  };
  check_values_of<float>(f, truth, Accuracy{0}, Domain{-5, 5, 0.25});
  check_values_of<double>(f, truth, Accuracy{0}, Domain{-5, 5, 0.25});
  CHECK(tn::round(tn::Dual<double>(2.5, 1)).value == 2);
}

}  // namespace tenon_test
