// Gradients of what is broadcast are long sums: they keep their digits.
#include <cmath>

#include "tenon/autodiff/value_and_grad.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/make.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

// n times the float nearest to 0.1: added one by one in float, 10^5 of them are off by 10^-4 of the sum.
double sum_of_tenths(Index n) { return static_cast<double>(n) * static_cast<double>(0.1f); }
// Blocks of 64 additions, each off by half a unit in the last place at most: 64 * 2^-24.
bool near(float a, double truth) { return std::abs(static_cast<double>(a) - truth) <= 4e-6 * std::abs(truth); }

}  // namespace

TEST_CASE("long sums: a row added to many rows", "[autodiff][long_sums]") {
  constexpr Index n = 100'003;
  const auto q = tn::full<float>(0.1f, {n, 7});
  const tn::Tensor<float, 7> b = {1, 2, 3, 4, 5, 6, 7};
  const auto in_a_fold = tn::grad([&](const auto& t) { return sum(q * t); })(b);
  const auto in_a_node = tn::grad([&](const auto& t) {
    auto y = q * t;  // a name: a node of its own
    return sum(y);
  })(b);
  for (Index i = 0; i < 7; ++i) {
    CHECK(near(in_a_fold(i), sum_of_tenths(n)));
    CHECK(near(in_a_node(i), sum_of_tenths(n)));
  }
}
TEST_CASE("long sums: a bias under a matrix product", "[autodiff][long_sums]") {
  constexpr Index n = 50'001;
  const auto x = tn::full<float>(0.f, {n, 2});
  const auto w = tn::full<float>(1.f, {2, 3});
  const auto seed = tn::full<float>(0.1f, {n, 3});
  const tn::Tensor<float, 3> b = {0, 0, 0};  // tanh' 0 = 1
  const auto g = tn::grad([&](const auto& t) { return sum(tanh(matmul(x, w) + t) * seed); })(b);
  for (Index i = 0; i < 3; ++i) CHECK(near(g(i), sum_of_tenths(n)));
}
TEST_CASE("long sums: a number under many elements", "[autodiff][long_sums]") {
  constexpr Index n = 1'000'003;
  const auto q = tn::full<float>(0.1f, {n});
  const tn::Tensor<float> b = 2;
  CHECK(near(tn::grad([&](const auto& t) { return sum(q * t); })(b).item(), sum_of_tenths(n)));
  CHECK(near(tn::grad([&](const auto& t) {
               auto y = q * t;
               return sum(y);
             })(b)
                 .item(),
             sum_of_tenths(n)));
}
TEST_CASE("long sums: a column repeated along rows", "[autodiff][long_sums]") {
  constexpr Index n = 100'003;
  const auto q = tn::full<float>(0.1f, {2, n});
  const tn::Tensor<float, 2, 1> b = {{1}, {2}};
  const auto g = tn::grad([&](const auto& t) { return sum(q * t); })(b);
  for (Index i = 0; i < 2; ++i) CHECK(near(g(i, 0), sum_of_tenths(n)));
}
