#include "tenon/op/abs.hpp"
#include "tenon/op/cast.hpp"
#include "tenon/op/clamp.hpp"
#include "tenon/op/floor.hpp"
#include "tenon/op/negative.hpp"
#include "tenon/op/pow.hpp"
#include "tenon/op/round.hpp"
#include "tenon/op/sign.hpp"
#include "tenon/op/square.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("abs: gradients follow differences", "[autodiff][op_gradients]") {
  for (const Points& p : {Points{0.1, 3}, Points{-3, -0.1}})
    check_unary_gradient([](const auto& x) { return tn::abs(x); }, p);
}
TEST_CASE("negative: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return -x; }, {-3, 3});
}
TEST_CASE("square: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::square(x); }, {-3, 3});
}
TEST_CASE("clamp: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::clamp(x, -1, 1.25); }, {-3, 3, 0.5, 0.1});
}
TEST_CASE("floor: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::floor(x) * x; }, {-3, 3, 0.5, 0.1});
}
TEST_CASE("round: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::round(x) * x; }, {-3, 3, 0.5, 0.1});
}
TEST_CASE("sign: gradients follow differences", "[autodiff][op_gradients]") {
  for (const Points& p : {Points{0.1, 3}, Points{-3, -0.1}})
    check_unary_gradient([](const auto& x) { return tn::sign(x) * x; }, p);
}
TEST_CASE("pow by a number: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::pow(x, 2.5); }, {0.3, 3});
}
TEST_CASE("cast from double to double: gradients follow differences", "[autodiff][op_gradients]") {
  check_unary_gradient([](const auto& x) { return tn::cast<double>(x); }, {-3, 3});
}

}  // namespace tenon_test
