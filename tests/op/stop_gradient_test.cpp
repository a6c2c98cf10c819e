#include "tenon/op/stop_gradient.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("stop_gradient: the value, without its tangent", "[op][stop_gradient]") {
  check_values_of<float>([](const auto& x) { return tn::stop_gradient(x); }, [](long double x) { return x; },
                         Accuracy{0}, Domain{-3, 3});
  CHECK(tn::stop_gradient(tn::Dual<double>(2, 5)).value == 2);
  CHECK(tn::stop_gradient(tn::Dual<double>(2, 5)).tangent == 0);
}

}  // namespace tenon_test
