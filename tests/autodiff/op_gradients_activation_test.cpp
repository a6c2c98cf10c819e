#include "tenon/op/elu.hpp"
#include "tenon/op/gelu.hpp"
#include "tenon/op/gelu_tanh.hpp"
#include "tenon/op/leaky_relu.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/op/silu.hpp"
#include "tenon/op/softplus.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("softplus: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::softplus(x); }, {-3, 3});
}
TEST_CASE("silu: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::silu(x); }, {-3, 3});
}
TEST_CASE("gelu: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::gelu(x); }, {-3, 3});
}
TEST_CASE("gelu_tanh: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::gelu_tanh(x); }, {-3, 3});
}
TEST_CASE("elu: gradients follow differences", "[autodiff][op_gradients]") {
  for (const Points& p : {Points{0.1, 3}, Points{-3, -0.1}})
    check_unary_gradient([](const auto& x) { return tn::elu(x); }, p);
}
TEST_CASE("leaky_relu: gradients follow differences", "[autodiff][op_gradients]") {
  for (const Points& p : {Points{0.1, 3}, Points{-3, -0.1}})
    check_unary_gradient([](const auto& x) { return tn::leaky_relu(x, 0.1); }, p);
}
TEST_CASE("relu: gradients follow differences", "[autodiff][op_gradients]") {
  for (const Points& p : {Points{0.1, 3}, Points{-3, -0.1}})
    check_unary_gradient([](const auto& x) { return tn::relu(x); }, p);
}

}  // namespace tenon_test
