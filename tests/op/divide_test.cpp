#include "tenon/op/divide.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("divide: value and derivatives follow long double", "[op][divide]") {
  check_elementwise<tn::Divide>([](const auto& x, const auto& y) { return x / y; },
                                [](long double x, long double y) { return x / y; }, Accuracy{0.5}, Domain{-3, 3},
                                Domain{0.5, 5});
}
TEST_CASE("divide: by zero is infinite, and so are the derivatives", "[op][divide]") {
  check_edges<tn::Divide, 2>(
      {{{1, 0}, inf, {inf, -inf}}, {{-1, 0}, -inf, {inf, inf}}, {{0, 0}, nan, {inf, nan}}, {{1, inf}, 0, {0, 0}}});
}
TEST_CASE("divide: integers give floats", "[op][divide]") {
  const tn::Tensor<std::int32_t, 3> x = {1, -7, 0};
  const tn::Tensor<std::int32_t, 3> y = {2, 2, 0};
  const tn::Tensor z = x / y, half = x / 2;
  STATIC_REQUIRE(std::is_same_v<decltype(z), const tn::Tensor<float, 3>>);
  CHECK(z(0) == 0.5f);
  CHECK(z(1) == -3.5f);
  CHECK(std::isnan(z(2)));
  CHECK(half(0) == 0.5f);
}

}  // namespace tenon_test
