#include "tenon/op/add.hpp"
#include "tenon/op/divide.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/subtract.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("add: gradients follow differences", "[autodiff][op_gradients]") {
  check_binary_gradient([](const auto& x, const auto& y) { return x + y; }, {-2, 2}, {-2, 2, 0, 0.3});
}
TEST_CASE("subtract: gradients follow differences", "[autodiff][op_gradients]") {
  check_binary_gradient([](const auto& x, const auto& y) { return x - y; }, {-2, 2}, {-2, 2, 0, 0.3});
}
TEST_CASE("multiply: gradients follow differences", "[autodiff][op_gradients]") {
  check_binary_gradient([](const auto& x, const auto& y) { return x * y; }, {-2, 2}, {-2, 2, 0, 0.3});
}
TEST_CASE("divide: gradients follow differences", "[autodiff][op_gradients]") {
  check_binary_gradient([](const auto& x, const auto& y) { return x / y; }, {-2, 2}, {0.5, 2, 0, 0.3});
}

}  // namespace tenon_test
