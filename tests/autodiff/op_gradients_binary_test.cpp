#include "tenon/op/greater.hpp"
#include "tenon/op/maximum.hpp"
#include "tenon/op/minimum.hpp"
#include "tenon/op/pow.hpp"
#include "tenon/op/where.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("pow: gradients follow differences", "[autodiff][op_gradients]") {
  check_binary_gradient([](const auto& x, const auto& y) { return tn::pow(x, y); }, {0.4, 2}, {-1.5, 1.5, 0, 0.3});
}
TEST_CASE("maximum: gradients follow differences", "[autodiff][op_gradients]") {
  check_binary_gradient([](const auto& x, const auto& y) { return tn::maximum(x, y); }, {-2, 2, 0.5},
                        {-2, 2, 0.5, 0.2});
}
TEST_CASE("minimum: gradients follow differences", "[autodiff][op_gradients]") {
  check_binary_gradient([](const auto& x, const auto& y) { return tn::minimum(x, y); }, {-2, 2, 0.5},
                        {-2, 2, 0.5, 0.2});
}
TEST_CASE("where: gradients follow differences", "[autodiff][op_gradients]") {
  check_binary_gradient([](const auto& x, const auto& y) { return tn::where(x > y, x, y * y); }, {-2, 2, 0.5},
                        {-2, 2, 0.5, 0.2});
}

}  // namespace tenon_test
