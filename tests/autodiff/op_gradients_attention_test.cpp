#include "tenon/op/attention.hpp"
#include "tenon/op/rotary_embedding.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

namespace {
using Heads = tn::Tensor<double, dyn, dyn, dyn, dyn>;
using Rows = tn::Tensor<double, dyn, dyn, dyn>;

Heads heads(Index batch, Index count, Index time, Index dim, double offset) {
  Heads x({batch, count, time, dim});
  fill(x, {-1, 1, 0, offset});
  return x;
}
}  // namespace

TEST_CASE("attention: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  const auto f = [](const auto& q, const auto& k, const auto& v) {
    return tn::attention(q, k, v, {.causal = true, .scale = 1.5});
  };
  const Heads q = heads(2, 2, 3, 2, 0), k = heads(2, 1, 4, 2, 0.3), v = heads(2, 1, 4, 3, 0.7);
  check_first(f, q, k, v);
  check_second(f, q, k, v);
  const Heads none = heads(1, 2, 0, 2, 0);
  check_first(f, none, none, none);
}
TEST_CASE("attention: of one value as queries, keys and values, under a mask", "[autodiff][op_gradients]") {
  tn::Tensor<double, dyn, dyn> mask({3, 3});
  fill(mask, {-1, 1});
  check_first([&](const auto& x) { return tn::attention(x, x, x, mask) * x; }, heads(2, 2, 3, 2, 0.1));
}
TEST_CASE("self_attention of turned heads: gradients follow differences", "[autodiff][op_gradients]") {
  Rows x({2, 3, 16});  // 4 heads and 2 for keys and values, of 2 elements
  fill(x, {-1, 1});
  const auto f = [](const auto& qkv) {
    return tn::self_attention(tn::rotary_embedding(qkv, {.start = 5, .dim = 2, .heads = 6}),
                              {.heads = 4, .kv_heads = 2, .causal = true});
  };
  check_first(f, x);
  check_second(f, x);
  check_first([](const auto& y) { return tn::rotary_embedding(y, {.halves = true}) * y; }, x);
}

}  // namespace tenon_test
