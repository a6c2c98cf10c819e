#include "tenon/op/logsumexp.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/min.hpp"
#include "tenon/op/norm.hpp"
#include "tenon/op/std_dev.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/op/var.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

namespace {
/// Over everything, each axis, both by name, with and without keeping dimensions, of x, of a fused expression, of one that
/// broadcasts.
template <class F> void check_fold_gradient(F f, Points p, bool empty = true) {
  constexpr Index sizes[][2] = {{0, 3}, {1, 1}, {3, 5}, {1, 9}, {7, 1}, {large[0], large[1]}};
  for (const auto& s : sizes) {
    if (s[0] == 0 && !empty) continue;
    INFO(s[0] << " x " << s[1]);
    const Matrix x = matrix_of(s[0], s[1], p);
    check_first([&](const auto& y) { return f(y); }, x);
    check_first([&](const auto& y) { return f(y, tn::axis<0>); }, x);
    check_first([&](const auto& y) { return f(y, tn::axis<-1>, tn::keep_dims); }, x);
    check_second([&](const auto& y) { return f(y); }, x);
    check_second([&](const auto& y) { return f(y, tn::axis<1>); }, x);
  }
  const Transposed c(3, 5, {0.5, 1.5});
  check_first([&](const auto& y) { return f(y * c.view(), tn::axis<0>); }, matrix_of(3, 5, p));
  check_first([&](const auto& y) { return f(y * c.view(), tn::axis<1>); }, matrix_of(3, 1, p));
  check_first([&](const auto& y) { return f(y * c.view()); }, matrix_of(1, 5, p));
}
}  // namespace
TEST_CASE("sum: gradients in every arrangement follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::sum(x, options...); }, {-2, 2});
}
TEST_CASE("mean: gradients in every arrangement follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::mean(x, options...); }, {-2, 2}, false);
}
TEST_CASE("max: gradients in every arrangement follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::max(x, options...); }, {-1, 1, 0.05, 0, true},
                      false);
}
TEST_CASE("min: gradients in every arrangement follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::min(x, options...); }, {-1, 1, 0.05, 0, true},
                      false);
}
TEST_CASE("logsumexp: gradients in every arrangement follow differences", "[autodiff][op_gradients]") {
  check_fold_gradient([](const auto& x, auto... options) { return tn::logsumexp(x, options...); }, {-2, 2}, false);
}

}  // namespace tenon_test
