#include "tenon/op/multiply.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("multiply: value and derivatives follow long double", "[op][multiply]") {
  check_elementwise<tn::Multiply>([](const auto& x, const auto& y) { return x * y; },
                                  [](long double x, long double y) { return x * y; }, Accuracy{0.5}, Domain{-3, 3},
                                  Domain{-2, 5});
}
TEST_CASE("multiply: integers and numbers", "[op][multiply]") {
  check_values_of<std::int64_t>([](const auto& x) { return x * 3; }, [](long double x) { return 3 * x; }, Accuracy{0},
                                Domain{-30, 30, 1});
  const tn::Tensor<std::int32_t, 1> x = {1 << 30};
  CHECK(tn::Tensor(x * 4)(0) == 0);
}

}  // namespace tenon_test
