// Which way a gradient takes depends on how operands lie and on what the op's derivative reads: its inputs, its result, or
// nothing. One op of each kind goes all ways.
#include "tenon/op/add.hpp"
#include "tenon/op/divide.hpp"
#include "tenon/op/exp.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/negative.hpp"
#include "tenon/op/square.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("a derivative that reads nothing: gradients in every arrangement", "[autodiff][op_gradients]") {
  check_unary_arrangements([](const auto& x) { return -x; }, {-3, 3});
  check_binary_arrangements([](const auto& x, const auto& y) { return x + y; }, {-2, 2}, {-2, 2, 0, 0.3});
}
TEST_CASE("a derivative that reads the inputs: gradients in every arrangement", "[autodiff][op_gradients]") {
  check_unary_arrangements([](const auto& x) { return tn::square(x); }, {-3, 3});
}
TEST_CASE("a derivative that reads the result: gradients in every arrangement", "[autodiff][op_gradients]") {
  check_unary_arrangements([](const auto& x) { return tn::exp(x); }, {-2, 2});
  check_binary_arrangements([](const auto& x, const auto& y) { return x / y; }, {-2, 2}, {0.5, 2, 0, 0.3});
}
TEST_CASE("reductions of fused expressions: gradients in every arrangement", "[autodiff][op_gradients]") {
  check_fold_arrangements([](const auto& x, auto... options) { return tn::sum(x, options...); }, {-2, 2});
  check_fold_arrangements([](const auto& x, auto... options) { return tn::max(x, options...); },
                          {-1, 1, 0.05, 0, true});
}

}  // namespace tenon_test
