#include "tenon/op/add.hpp"
#include "tenon/op/bce_with_logits.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/huber.hpp"
#include "tenon/op/mse.hpp"
#include "tenon/op/sigmoid.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

TEST_CASE("mse, huber, bce_with_logits: gradients for both operands follow differences", "[autodiff][op_gradients]") {
  constexpr Index sizes[][2] = {{1, 1}, {3, 5}, {1, 9}, {large[0], large[1]}};
  for (const auto& s : sizes) {
    const Matrix x = matrix_of(s[0], s[1], {-3, 3, 0.5}), y = matrix_of(s[0], s[1], {-3, 3, 0.5, 0.2}),
                 target = matrix_of(s[0], s[1], {0.1, 0.9});
    check_first([](const auto& a, const auto& b) { return tn::mse(a, b); }, x, y);
    check_second([](const auto& a, const auto& b) { return tn::mse(a, b); }, x, y);
    check_first([](const auto& a, const auto& b) { return tn::huber(a, b, 1.05); }, x, y);
    check_second([](const auto& a, const auto& b) { return tn::huber(a, b, 1.05); }, x, y);
    check_first([](const auto& a, const auto& b) { return tn::bce_with_logits(a, b); }, x, target);
    check_second([](const auto& a, const auto& b) { return tn::bce_with_logits(a, b); }, x, target);
  }
  const Transposed c(3, 5, {0.1, 0.9});
  check_first(
      [&](const auto& a) {
        return tn::mse(a, c.view()) + tn::huber(a, c.view(), 0.95) + tn::bce_with_logits(a, c.view());
      },
      matrix_of(3, 5, {-3, 3, 0.5, 1.2}));
}
TEST_CASE("cross_entropy: gradients follow differences", "[autodiff][op_gradients]") {
  constexpr Index sizes[][2] = {{1, 1}, {3, 5}, {1, 9}, {large[0], large[1]}};
  for (const auto& s : sizes) {
    tn::Tensor<std::int32_t, dyn> labels({s[0]});
    for (Index i = 0; i < s[0]; ++i) labels.mut()(i) = static_cast<std::int32_t>(i * 3 % s[1]);
    auto loss = [&](const auto& x) { return tn::cross_entropy(x, labels); };
    check_first(loss, matrix_of(s[0], s[1], {-3, 3}));
    check_second(loss, matrix_of(s[0], s[1], {-3, 3}));
    check_first([&](const auto& x) { return tn::cross_entropy(tn::sigmoid(x) * 3, labels); },
                matrix_of(s[0], s[1], {-3, 3}));
  }
}
TEST_CASE("cross_entropy_each: gradients follow differences", "[autodiff][op_gradients]") {
  tn::Tensor<std::int32_t, dyn> labels({4});
  labels.mut()(1) = 2;
  labels.mut()(2) = -100;
  const Matrix x = matrix_of(4, 3, {-3, 3}), p = matrix_of(4, 3, {0, 1, 0, 0.3});
  const auto by_label = [&](const auto& a) { return tn::cross_entropy_each(a, labels, {.label_smoothing = 0.1}) * 2; };
  check_first(by_label, x);
  check_second(by_label, x);
  check_first([](const auto& a, const auto& b) { return tn::cross_entropy_each(a, b); }, x, p);
}

}  // namespace tenon_test
