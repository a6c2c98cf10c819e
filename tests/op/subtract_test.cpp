#include "tenon/op/subtract.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("subtract: value and derivatives follow long double", "[op][subtract]") {
  check_elementwise<tn::Subtract>([](const auto& x, const auto& y) { return x - y; },
                                  [](long double x, long double y) { return x - y; }, Accuracy{0.5}, Domain{-3, 3},
                                  Domain{-2, 5});
}
TEST_CASE("subtract: integers wrap round, numbers stand on either side", "[op][subtract]") {
  const tn::Tensor<std::uint8_t, 3> x = {0, 1, 255};
  const tn::Tensor y = x - 1, z = 0 - x;
  CHECK(y.to_vector() == std::vector<std::uint8_t>{255, 0, 254});
  CHECK(z.to_vector() == std::vector<std::uint8_t>{0, 255, 1});
}

}  // namespace tenon_test
