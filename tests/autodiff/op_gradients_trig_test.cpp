#include "tenon/op/cos.hpp"
#include "tenon/op/erf.hpp"
#include "tenon/op/sigmoid.hpp"
#include "tenon/op/sin.hpp"
#include "tenon/op/tan.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("sin: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::sin(x); }, {-3, 3});
}
TEST_CASE("cos: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::cos(x); }, {-3, 3});
}
TEST_CASE("tan: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::tan(x); }, {-1, 1});
}
TEST_CASE("tanh: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::tanh(x); }, {-3, 3});
}
TEST_CASE("sigmoid: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::sigmoid(x); }, {-3, 3});
}
TEST_CASE("erf: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::erf(x); }, {-3, 3});
}

}  // namespace tenon_test
