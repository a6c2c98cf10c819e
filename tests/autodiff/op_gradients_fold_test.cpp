#include "tenon/op/logsumexp.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/min.hpp"
#include "tenon/op/sum.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("sum: gradients follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::sum(x, options...); }, {-2, 2}, true);
}
TEST_CASE("mean: gradients follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::mean(x, options...); }, {-2, 2});
}
TEST_CASE("max: gradients follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::max(x, options...); }, {-1, 1, 0.05, 0, true});
}
TEST_CASE("min: gradients follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::min(x, options...); }, {-1, 1, 0.05, 0, true});
}
TEST_CASE("logsumexp: gradients follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::logsumexp(x, options...); }, {-2, 2});
}

}  // namespace tenon_test
