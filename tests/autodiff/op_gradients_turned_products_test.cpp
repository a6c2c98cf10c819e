#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("matmul: gradients of transposed values", "[autodiff][op_gradients]") {
  const Matrix a = matrix_of(3, 4, {-1, 1}), at = matrix_of(4, 3, {-1, 1}), b = matrix_of(4, 5, {-1, 1, 0, 0.3}),
               bt = matrix_of(5, 4, {-1, 1, 0, 0.7});
  check_first([](const auto& x, const auto& y) { return tn::matmul(tn::transpose(x), y); }, at, b);
  check_first([](const auto& x, const auto& y) { return tn::matmul(x, tn::transpose(y)); }, a, bt);
  check_first([](const auto& x, const auto& y) { return tn::tanh(tn::matmul(tn::transpose(x), tn::transpose(y))); }, at,
              bt);
  check_first([](const auto& x) { return tn::matmul(x, tn::transpose(x)); }, a);
  check_first([](const auto& x) { return tn::matmul(tn::transpose(x), x) + tn::matmul(tn::transpose(x), x); }, a);
  tn::Tensor<double, dyn, dyn, dyn, dyn> batch({2, 1, 3, 4});
  tn::Tensor<double, dyn, dyn, dyn> turned({3, 2, 4});
  fill(batch, {-1, 1}), fill(turned, {-1, 1, 0, 0.3});
  check_first([](const auto& x, const auto& y) { return tn::matmul(x, tn::transpose(y)); }, batch, turned);
}
TEST_CASE("matmul: gradients through what follows a product, transposed values among it", "[autodiff][op_gradients]") {
  const Matrix x = matrix_of(4, 3, {-1, 1}), w = matrix_of(3, 5, {-1, 1, 0, 0.3}),
               rt = matrix_of(5, 4, {-1, 1, 0, 0.9});
  tn::Tensor<double, dyn> b({5});
  fill(b, {-1, 1});
  check_first([](const auto& p, const auto& q, const auto& c) { return tn::tanh(tn::matmul(p, q) + tn::transpose(c)); },
              x, w, rt);
  check_first([](const auto& p, const auto& q,
                 const auto& c) { return tn::tanh(tn::matmul(tn::tanh(tn::matmul(p, q) + c), tn::transpose(q))); },
              x, w, b);
}

}  // namespace tenon_test
