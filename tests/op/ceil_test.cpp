#include "tenon/op/ceil.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("ceil: the smallest integer not below", "[op][ceil]") {
  auto f = [](const auto& x) { return tn::ceil(x); };
  auto truth = [](long double x) { return std::ceil(x); };
  check_values_of<float>(f, truth, Accuracy{0}, Domain{-3, 3, 0.25});
  check_values_of<double>(f, truth, Accuracy{0}, Domain{-1e15, 1e15});
  CHECK(tn::ceil(tn::Dual<double>(2.5, 1)).tangent == 0);
}

}  // namespace tenon_test
