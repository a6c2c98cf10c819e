#include "tenon/op/greater.hpp"
#include "tenon/op/less.hpp"
#include "tenon/op/logical_and.hpp"
#include "tenon/op/logical_not.hpp"
#include "tenon/op/logical_or.hpp"
#include "tenon/op/logical_xor.hpp"
#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("logical: and, or, xor, not on stored masks", "[op][logical]") {
  const Domain d{0, 1, 1};
  check_values_of<bool>([](const auto& x, const auto& y) { return x & y; },
                        [](long double x, long double y) { return x * y; }, Accuracy{0}, d, d);
  check_values_of<bool>([](const auto& x, const auto& y) { return x | y; },
                        [](long double x, long double y) { return x + y > 0; }, Accuracy{0}, d, d);
  check_values_of<bool>([](const auto& x, const auto& y) { return x ^ y; },
                        [](long double x, long double y) { return x != y; }, Accuracy{0}, d, d);
  check_values_of<bool>([](const auto& x) { return !x; }, [](long double x) { return 1 - x; }, Accuracy{0}, d);
}
TEST_CASE("logical: on masks that a loop has just made", "[op][logical]") {
  const Domain d{-3, 3};
  check_values_of<float>([](const auto& x, const auto& y) { return logical_and(x > 0, y > 0); },
                         [](long double x, long double y) { return x > 0 && y > 0; }, Accuracy{0}, d, d);
  check_values_of<float>([](const auto& x, const auto& y) { return logical_or(x > 0, y > 0); },
                         [](long double x, long double y) { return x > 0 || y > 0; }, Accuracy{0}, d, d);
  check_values_of<double>([](const auto& x, const auto& y) { return logical_xor(logical_not(x > 0), y < 1); },
                          [](long double x, long double y) { return !(x > 0) != (y < 1); }, Accuracy{0}, d, d);
}

}  // namespace tenon_test
