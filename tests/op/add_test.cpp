#include "tenon/op/add.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("add: value and derivatives follow long double", "[op][add]") {
  check_elementwise<tn::Add>([](const auto& x, const auto& y) { return x + y; },
                             [](long double x, long double y) { return x + y; }, Accuracy{0.5}, Domain{-3, 3},
                             Domain{-2, 5});
}
TEST_CASE("add: a number takes the tensor's dtype, on either side", "[op][add]") {
  check_values_of<float>([](const auto& x) { return x + 1e-3; }, [](long double x) { return x + 1e-3f; }, Accuracy{0.5},
                         Domain{-3, 3});
  check_values_of<std::int32_t>([](const auto& x) { return 2 + x; }, [](long double x) { return 2 + x; }, Accuracy{0},
                                Domain{-30, 30, 1});
}
TEST_CASE("add: an integer that the tensor's dtype does not hold is refused", "[op][add]") {
  const tn::Tensor<std::uint8_t, 2> u = {200, 100};
  CHECK_THROWS_AS(u + 300, tn::ValueError);
  CHECK_THROWS_AS(-1 + u, tn::ValueError);
  const tn::Tensor<std::int32_t, 1> i = {1};
  CHECK_THROWS_AS(i + 4294967296LL, tn::ValueError);
  CHECK_THROWS_AS(i + 2147483648u, tn::ValueError);
  const tn::Tensor sum = u + 55u;
  CHECK(sum(0) == 255);
}
TEST_CASE("add: integers wrap round", "[op][add]") {
  const tn::Tensor<std::int32_t, 2> x = {2147483647, -1};
  const tn::Tensor y = x + 1;
  CHECK(y(0) == -2147483647 - 1);
  CHECK(y(1) == 0);
}

}  // namespace tenon_test
