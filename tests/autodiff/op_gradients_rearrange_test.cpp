#include "tenon/op/add.hpp"
#include "tenon/op/exp.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/slice.hpp"
#include "tenon/op/softmax.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

namespace {
tn::Tensor<double, 3, 4> drawn() {
  tn::Rng rng(1);
  return tn::uniform<double, 3, 4>(rng, -1, 1);
}
tn::Tensor<double, 4, 4> square_matrix() {
  tn::Rng rng(2);
  return tn::uniform<double, 4, 4>(rng, -1, 1);
}
template <class F> void check_part_gradients(F f) {
  tn::Rng rng(4);
  const auto x = tn::uniform<double, 3, 4, 2>(rng, -1, 1);
  check_first(f, x);
  check_second(f, x);
}
}  // namespace

TEST_CASE("rearrange: gradients flow through every one of them", "[autodiff][op_gradients]") {
  const auto x = drawn();
  check_first([](const auto& a) { return tn::transpose(a); }, x);
  check_first([](const auto& a) { return tn::exp(tn::permute(tn::reshape(a, {2, 2, 3}), tn::axis<2, 0, 1>)); }, x);
  check_first([](const auto& a) { return tn::exp(tn::reshape(tn::eval(tn::transpose(a)), {2, -1})); }, x);
  check_first([](const auto& a) { return tn::flatten(a) * tn::flatten(a); }, x);
  check_first(
      [](const auto& a) {
        return tn::max(tn::squeeze(tn::unsqueeze(tn::transpose(a), tn::axis<0>), tn::axis<0>), tn::axis<0>);
      },
      x);
  check_first([](const auto& a) { return tn::softmax(tn::transpose(a), tn::axis<1>); }, x);
}
TEST_CASE("rearrange: gradients of broadcasts are summed", "[autodiff][op_gradients]") {
  const tn::Tensor<double, 4> v = {0.5, -1, 2, 0.25};
  check_first([](const auto& a) { return tn::broadcast_to(a, {3, 4}); }, v);
  check_first([](const auto& a) { return tn::broadcast_to(tn::exp(a), {2, 3, 4}) * tn::broadcast_to<3, 4>(a); }, v);
  check_first([](const auto& a) { return tn::unsqueeze(a, tn::axis<0>) * tn::exp(tn::unsqueeze(a, tn::axis<1>)); }, v);
}
TEST_CASE("rearrange: one value in two orders in one loop", "[autodiff][op_gradients]") {
  const auto x = square_matrix();
  check_first([](const auto& a) { return tn::transpose(a) * a + a; }, x);
  check_first([](const auto& a) { return a * tn::exp(tn::transpose(a)) * tn::transpose(a); }, x);
  check_first([](const auto& a) { return tn::sum(tn::exp(tn::transpose(a)) * a); }, x);
  check_first([](const auto& a) { return tn::sum(tn::transpose(a) * a, tn::axis<0>); }, x);
  check_first([](const auto& a) { return tn::tanh(tn::matmul(a, a) + tn::transpose(a)); }, x);
  check_first(
      [](const auto& a) {
        const auto b = tn::reshape<2, 2, 4>(a);
        return tn::permute(tn::reshape<2, 2, 4>(a), tn::axis<1, 0, 2>) * b;
      },
      x);
}
TEST_CASE("slice: the gradient lands at the part, and 0 elsewhere", "[autodiff][op_gradients]") {
  check_part_gradients(
      [](const auto& a) { return tn::exp(tn::slice(a, tn::range(2, tn::Range::open, -2), tn::all, 1)); });
  check_part_gradients([](const auto& a) { return tn::slice(a, 0) * tn::tanh(tn::slice(a, 1)) + tn::slice(a, 0); });
  check_part_gradients([](const auto& a) { return tn::sum(tn::slice(tn::exp(a), tn::ellipsis, 0)) * tn::slice(a, 2); });
  check_part_gradients([](const auto& a) { return tn::slice(tn::transpose(a), tn::range(1, 3), 1); });
}

}  // namespace tenon_test
