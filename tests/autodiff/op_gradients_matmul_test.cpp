#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

namespace {
constexpr auto product = [](const auto& a, const auto& b) { return tn::matmul(a, b); };
}  // namespace
TEST_CASE("matmul: gradients of matrices, any sizes", "[autodiff][op_gradients]") {
  constexpr Index sizes[][3] = {{1, 1, 1}, {3, 4, 5}, {0, 3, 2},   {3, 0, 2},
                                {2, 3, 0}, {1, 7, 1}, {17, 9, 33}, {70, 65, 3}};
  for (const auto& s : sizes) {
    INFO(s[0] << " x " << s[1] << " x " << s[2]);
    const Matrix a = matrix_of(s[0], s[1], {-2, 2}), b = matrix_of(s[1], s[2], {-2, 2, 0, 0.3});
    check_first(product, a, b);
    check_second(product, a, b);
  }
}
TEST_CASE("matmul: gradients beside a transposed view", "[autodiff][op_gradients]") {
  const Transposed left(3, 4, {-2, 2}), right(4, 5, {-1, 2});
  check_first([&](const auto& a) { return tn::matmul(a, right.view()); }, matrix_of(3, 4, {-2, 2}));
  check_first([&](const auto& b) { return tn::matmul(left.view(), b); }, matrix_of(4, 5, {-2, 2}));
}
TEST_CASE("matmul: gradients of vectors", "[autodiff][op_gradients]") {
  tn::Tensor<double, dyn> u({4}), v({4});
  fill(u, {-2, 2}), fill(v, {-2, 2, 0, 0.3});
  const Matrix a = matrix_of(3, 4, {-2, 2}), b = matrix_of(4, 3, {-2, 2, 0, 0.1});
  check_first(product, u, v);
  check_first(product, a, v);
  check_first(product, u, b);
  check_second(product, a, v);
}
TEST_CASE("matmul: gradients of batches that broadcast", "[autodiff][op_gradients]") {
  tn::Tensor<double, dyn, dyn, dyn> many({5, 3, 4}), one({1, 4, 2}), same({5, 4, 2});
  fill(many, {-2, 2}), fill(one, {-2, 2, 0, 0.3}), fill(same, {-2, 2, 0, 0.7});
  const Matrix single = matrix_of(4, 2, {-2, 2});
  check_first(product, many, same);
  check_first(product, many, one);
  check_first(product, many, single);
  check_second(product, many, one);
}
TEST_CASE("matmul: gradients of one value as both factors", "[autodiff][op_gradients]") {
  const Matrix a = matrix_of(4, 4, {-1, 1});
  check_first([](const auto& x) { return tn::matmul(x, x); }, a);
  check_second([](const auto& x) { return tn::matmul(x, x); }, a);
  check_first([](const auto& x) { return tn::tanh(tn::matmul(x, x)) + x; }, a);
}
TEST_CASE("matmul: gradients through bias, activation and residual in one pass", "[autodiff][op_gradients]") {
  tn::Tensor<double, dyn> bias({5});
  fill(bias, {-1, 1});
  const Matrix a = matrix_of(6, 4, {-1, 1}), b = matrix_of(4, 5, {-1, 1, 0, 0.3}), r = matrix_of(6, 5, {-1, 1, 0, 0.9});
  auto layer = [](const auto& x, const auto& w, const auto& c, const auto& z) {
    return tn::tanh(tn::matmul(x, w) + c) * z + c;
  };
  check_first(layer, a, b, bias, r);
  check_second(layer, a, b, bias, r);
  check_first([](const auto& x, const auto& w,
                 const auto& c) { return tn::sum(tn::matmul(x, w) * (tn::matmul(x, w) + c), tn::axis<0>); },
              a, b, bias);
  check_first([](const auto& x, const auto& w, const auto& z) { return tn::matmul(tn::tanh(tn::matmul(x, w)), z * z); },
              a, b, matrix_of(5, 2, {-1, 1}));
}
TEST_CASE("matmul: gradients of a product that its neighbour repeats", "[autodiff][op_gradients]") {
  const Matrix a = matrix_of(1, 4, {-1, 1}), b = matrix_of(4, 5, {-1, 1, 0, 0.3}), r = matrix_of(6, 5, {-1, 1, 0, 0.9});
  check_first([](const auto& x, const auto& w, const auto& z) { return tn::tanh(tn::matmul(x, w) + z); }, a, b, r);
}

}  // namespace tenon_test
