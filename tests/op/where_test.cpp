#include "tenon/op/where.hpp"

#include "tenon/op/greater.hpp"
#include "tenon/op/less.hpp"
#include "tenon/op/multiply.hpp"
#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("where: takes one side or the other", "[op][where]") {
  check_values_of<float>([](const auto& x, const auto& y) { return tn::where(x > y, x, 2 * y); },
                         [](long double x, long double y) { return x > y ? x : 2 * y; }, Accuracy{0}, Domain{-3, 3},
                         Domain{-3, 3});
  check_values_of<std::int32_t>([](const auto& x) { return tn::where(x > 0, x, -1); },
                                [](long double x) { return x > 0 ? x : -1; }, Accuracy{0}, Domain{-3, 3, 1});
  check_values_of<double>([](const auto& x) { return tn::where(x > 0, 1.0, -1.0); },
                          [](long double x) { return x > 0 ? 1.0L : -1.0L; }, Accuracy{0}, Domain{-3, 3});
  check_values_of<float>([](const auto& x) { return tn::where(x > 0, x > 1, x < -1); },
                         [](long double x) { return x > 0 ? x > 1 : x < -1; }, Accuracy{0}, Domain{-3, 3});
}
TEST_CASE("where: the mask may be a tensor of its own", "[op][where]") {
  const tn::Tensor<bool, 2, 3> mask = {{true, false, true}, {false, false, true}};
  const tn::Tensor<float, 3> row = {1, 2, 3};
  const tn::Tensor y = tn::where(mask, row, 0);
  CHECK(y.to_vector() == std::vector<float>{1, 0, 3, 0, 0, 3});
}
TEST_CASE("where: no gradient comes out of the branch not taken, not even NaN", "[op][where]") {
  CHECK(tn::rule::pull<tn::Where, 1>(inf, 1.0, false, 1.0, 2.0) == 0);
  CHECK(tn::rule::pull<tn::Where, 2>(inf, 1.0, true, 1.0, 2.0) == 0);
  CHECK(tn::rule::pull<tn::Where, 1>(3.0, 1.0, true, 1.0, 2.0) == 3);
  const auto y = tn::rule::value<tn::Where>(true, tn::Dual<double>(1, 2), tn::Dual<double>(3, nan));
  CHECK(y.value == 1);
  CHECK(y.tangent == 2);
}

}  // namespace tenon_test
