#include "tenon/op/softmax.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

namespace {
template <class F> void check_axes(F f) {
  constexpr Index sizes[][2] = {{0, 3}, {3, 0}, {1, 1}, {3, 5}, {1, 9}, {7, 1}, {large[0], large[1]}};
  for (const auto& s : sizes) {
    INFO(s[0] << " x " << s[1]);
    const Matrix x = matrix_of(s[0], s[1], {-2, 2});
    check_first([&](const auto& y) { return f(y, tn::axis<1>); }, x);
    check_first([&](const auto& y) { return f(y, tn::axis<0>); }, x);
    check_second([&](const auto& y) { return f(y, tn::axis<-1>); }, x);
  }
  const Transposed c(3, 5, {-2, 2});
  check_first([&](const auto& x) { return f(x * c.view(), tn::axis<0>) * x; }, matrix_of(3, 1, {-2, 2}));
  tn::Tensor<double, dyn, dyn, dyn> cube({2, 3, 4});
  fill(cube, {-2, 2});
  check_first([&](const auto& x) { return f(x, tn::axis<1>); }, cube);
}
}  // namespace
TEST_CASE("softmax: gradients along any axis follow differences", "[autodiff][op_gradients]") {
  check_axes([](const auto& x, auto axis) { return tn::softmax(x, axis); });
}
TEST_CASE("log_softmax: gradients along any axis follow differences", "[autodiff][op_gradients]") {
  check_axes([](const auto& x, auto axis) { return tn::log_softmax(x, axis); });
}

}  // namespace tenon_test
