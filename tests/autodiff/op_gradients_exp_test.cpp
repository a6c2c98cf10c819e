#include "tenon/op/exp.hpp"
#include "tenon/op/expm1.hpp"
#include "tenon/op/log.hpp"
#include "tenon/op/log1p.hpp"
#include "tenon/op/rsqrt.hpp"
#include "tenon/op/sqrt.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("exp: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::exp(x); }, {-2, 2});
}
TEST_CASE("expm1: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::expm1(x); }, {-2, 2});
}
TEST_CASE("log: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::log(x); }, {0.3, 3});
}
TEST_CASE("log1p: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::log1p(x); }, {-0.6, 3});
}
TEST_CASE("sqrt: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::sqrt(x); }, {0.3, 3});
}
TEST_CASE("rsqrt: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::rsqrt(x); }, {0.4, 3});
}

}  // namespace tenon_test
