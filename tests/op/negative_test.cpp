#include "tenon/op/negative.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("negative: value and derivatives follow long double", "[op][negative]") {
  check_elementwise<tn::Negative>([](const auto& x) { return -x; }, [](long double x) { return -x; }, Accuracy{0},
                                  Domain{-3, 3});
}
TEST_CASE("negative: the sign of zero turns, integers wrap round", "[op][negative]") {
  const tn::Tensor<float, 2> x = {0.0f, -0.0f};
  const tn::Tensor y = -x;
  CHECK(std::signbit(y(0)));
  CHECK_FALSE(std::signbit(y(1)));
  const tn::Tensor<std::int32_t, 2> i = {3, -2147483647 - 1};
  CHECK(tn::Tensor(-i).to_vector() == std::vector<std::int32_t>{-3, -2147483647 - 1});
}

}  // namespace tenon_test
