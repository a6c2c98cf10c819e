#include "tenon/op/sign.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("sign: 1, -1, and x itself at 0 and NaN", "[op][sign]") {
  auto f = [](const auto& x) { return tn::sign(x); };
  auto truth = [](long double x) { return static_cast<long double>((x > 0) - (x < 0)); };
  check_values_of<float>(f, truth, Accuracy{0}, Domain{-2, 2, 0.5});
  check_values_of<double>(f, truth, Accuracy{0}, Domain{-2, 2, 0.5});
  check_values_of<std::int32_t>(f, truth, Accuracy{0}, Domain{-2, 2, 1});
  const tn::Tensor<float, 2> x = {NAN, -HUGE_VALF};
  const tn::Tensor y = tn::sign(x);
  CHECK(std::isnan(y(0)));
  CHECK(y(1) == -1);
}
TEST_CASE("sign: a dual's tangent is 0", "[op][sign]") {
  const auto y = tn::sign(tn::Dual<double>(-3, 5));
  CHECK(y.value == -1);
  CHECK(y.tangent == 0);
}

}  // namespace tenon_test
