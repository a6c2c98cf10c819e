#include "tenon/op/add.hpp"
#include "tenon/op/flip.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/scan.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("scan: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  tn::Tensor<double, dyn, dyn, dyn> xs({4, 2, 3});
  fill(xs, {-1, 1});
  const Matrix h = matrix_of(2, 3, {-1, 1, 0, 0.2}), w = matrix_of(3, 3, {-1, 1, 0, 0.3});
  const auto f = [](const auto& x, const auto& h0, const auto& weight) {
    const auto r = tn::scan(
        [&](const auto& carry, const auto& step) {
          const auto next = tn::eval(tn::tanh(tn::matmul(carry, weight) + step));
          return std::pair(next, next * carry);
        },
        h0, x);
    return tn::sum(r.y * tn::flip(r.y, tn::axis<0>)) + tn::sum(r.carry);
  };
  check_first(f, xs, h, w);
  check_second(f, xs, h, w);

  const auto two = [](const auto& x, const auto& a) {
    return tn::scan(
               [](const auto& carry, const auto& step) {
                 const auto& [p, q] = carry;
                 return std::pair(std::tuple(q * step, p + step), p * q);
               },
               std::tie(a, a), x)
        .y;
  };
  check_first(two, xs, h);
}

}  // namespace tenon_test
