#include "tenon/op/floor.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("floor: the largest integer not above", "[op][floor]") {
  auto f = [](const auto& x) { return tn::floor(x); };
  auto truth = [](long double x) { return std::floor(x); };
  check_values_of<float>(f, truth, Accuracy{0}, Domain{-3, 3, 0.25});
  check_values_of<double>(f, truth, Accuracy{0}, Domain{-1e15, 1e15});
  CHECK(tn::floor(tn::Dual<double>(2.5, 1)).tangent == 0);
}

}  // namespace tenon_test
