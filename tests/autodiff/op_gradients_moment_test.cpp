#include "tenon/op/norm.hpp"
#include "tenon/op/std_dev.hpp"
#include "tenon/op/var.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("var: gradients follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::var(x, options..., tn::correction(0)); },
                      {-2, 2});
}
TEST_CASE("std_dev: gradients follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::std_dev(x, options..., tn::correction(0)); },
                      {-2, 2});
}
TEST_CASE("norm: gradients follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::norm(x, options...); }, {0.5, 2});
}

}  // namespace tenon_test
