#include "tenon/op/attention.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/op/rotary_embedding.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

namespace {
using Heads = tn::Tensor<float, dyn, dyn, dyn, dyn>;
Heads random(tn::Rng& rng, Index batch, Index heads, Index time, Index dim) {
  return tn::uniform<float>(rng, {batch, heads, time, dim}, -1.f, 1.f);
}
}  // namespace

TEST_CASE("self_attention: is attention of the parts of the projection, with the same bits", "[op][attention]") {
  tn::Rng rng(1);
  const Index batch = 2, time = 50, heads = 4, kv_heads = 2, dim = 8;
  const auto qkv = tn::uniform<float>(rng, {batch, time, (heads + 2 * kv_heads) * dim}, -1.f, 1.f);
  const tn::Tensor y = tn::self_attention(qkv, {.heads = heads, .kv_heads = kv_heads, .causal = true});
  const auto part = [&](Index first, Index count) {  // read in place, with strides
    return tn::View<float, dyn, dyn, dyn, dyn>(qkv.data() + first * dim, {batch, count, time, dim},
                                               {qkv.shape()[1] * qkv.shape()[2], dim, qkv.shape()[2], 1}, qkv.stamp());
  };
  const tn::Tensor z =
      tn::attention(part(0, heads), part(heads, kv_heads), part(heads + kv_heads, kv_heads), {.causal = true});
  REQUIRE(y.shape()[2] == heads * dim);
  for (Index b = 0; b < batch; ++b)
    for (Index t = 0; t < time; ++t)
      for (Index c = 0; c < heads * dim; ++c) CHECK(y(b, t, c) == z(b, c / dim, t, c % dim));
}
TEST_CASE("attention: a causal query sees no later key, the last one sees all", "[op][attention]") {
  tn::Rng rng(2);
  const Heads q = random(rng, 1, 1, 3, 4), v = random(rng, 1, 1, 5, 2);
  Heads k = random(rng, 1, 1, 5, 4);
  const tn::Tensor before = tn::attention(q, k, v, {.causal = true});
  k.mut()(0, 0, 3, 0) = 9.f;  // key 3: query 0 sees keys 0 to 2
  const tn::Tensor after = tn::attention(q, k, v, {.causal = true});
  CHECK(before(0, 0, 0, 0) == after(0, 0, 0, 0));
  CHECK(before(0, 0, 1, 0) != after(0, 0, 1, 0));
  CHECK(before(0, 0, 2, 0) != after(0, 0, 2, 0));
}
TEST_CASE("attention: a mask of bool is one of 0 and -infinity, and broadcasts", "[op][attention]") {
  tn::Rng rng(3);
  const Heads q = random(rng, 2, 3, 4, 8), k = random(rng, 2, 3, 6, 8), v = random(rng, 2, 3, 6, 8);
  const tn::Tensor<bool, 6> seen = {true, false, true, true, false, true};
  const tn::Tensor<float, 1, 6> added = {{0, -HUGE_VALF, 0, 0, -HUGE_VALF, 0}};
  const tn::Tensor a = tn::attention(q, k, v, seen), b = tn::attention(q, k, v, added);
  for (Index i = 0; i < a.size(); ++i) CHECK(a.data()[i] == b.data()[i]);
  const tn::Tensor<bool, 1> none = {false};
  const tn::Tensor z = tn::attention(q, k, v, none);
  for (Index i = 0; i < z.size(); ++i) CHECK(z.data()[i] == 0);
}
TEST_CASE("attention: what does not fit is refused with all shapes", "[op][attention]") {
  const Heads q({1, 4, 2, 8}), k({1, 3, 5, 8}), v({1, 3, 5, 8}), five({1, 2, 5, 8});
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::attention(q, k, v); }),
             "tenon::attention: q (1, 4, 2, 8), k (1, 3, 5, 8), v (1, 3, 5, 8): q is (batch, heads, queries, dim), k "
             "(batch, kv_heads, keys, dim), v (batch, kv_heads, keys, value_dim), and kv_heads divides heads; fix: "
             "reshape and permute the projections, or use self_attention(qkv)"));
  const tn::Tensor<bool, 4> mask = {true, true, true, true};
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::attention(q, five, five, mask); }),
             "tenon::attention: the mask (4,) does not broadcast to (1, 4, 2, 5) = (batch, heads, queries, keys); fix: "
             "give extents that are equal or 1"));
  const tn::Tensor<float, dyn, dyn, dyn> qkv({2, 3, 20});
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::self_attention(qkv, {.heads = 2}); }),
             "tenon::self_attention: the rows of qkv (2, 3, 20) are no 6 heads of equal length; fix: each row holds "
             "heads of queries, then kv_heads of keys, then of values"));
  CHECK(says(error_of<tn::ValueError>([&] { (void)tn::self_attention(qkv, {.heads = 3, .kv_heads = 2}); }),
             "tenon::self_attention: heads is 3 and kv_heads 2, which does not divide it; fix: give kv_heads that "
             "divides heads, or leave it out"));
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::rotary_embedding(qkv, {.dim = 5}); }),
             "do not hold 4 heads of dim 5"));
  struct {
    tn::Parameter<float, 2, 5> mask;
  } net;
  tn::Arena arena;
  tn::Step step(arena, net);
  CHECK(
      says(error_of<tn::OwnershipError>([&] { (void)tn::attention(q, five, five, net.mask); }),
           "tenon::attention: the mask is recorded, but no gradient flows to a mask; fix: write stop_gradient(mask)"));
}
TEST_CASE("attention: the same bits on any number of threads", "[op][attention]") {
#if defined(_OPENMP)
  tn::Rng rng(4);
  const auto qkv = tn::uniform<float>(rng, {3, 200, 3 * 4 * 16}, -1.f, 1.f);
  const int most = omp_get_max_threads();
  omp_set_num_threads(1);
  const tn::Tensor one = tn::self_attention(qkv, {.heads = 4});
  omp_set_num_threads(3);
  const tn::Tensor three = tn::self_attention(qkv, {.heads = 4});
  omp_set_num_threads(most);
  for (Index i = 0; i < one.size(); ++i) REQUIRE(one.data()[i] == three.data()[i]);
#endif
}
TEST_CASE("rotary_embedding: turns pairs by position times base^(-2 i / dim)", "[op][rotary_embedding]") {
  tn::Rng rng(5);
  const Index time = 7, dim = 6, heads = 2, start = 3;
  const auto x = tn::uniform<double>(rng, {2, time, 3 * dim}, -1., 1.);
  for (const bool halves : {false, true}) {
    const tn::Tensor y =
        tn::rotary_embedding(x, {.base = 100, .start = start, .dim = dim, .heads = heads, .halves = halves});
    for (Index b = 0; b < 2; ++b)
      for (Index t = 0; t < time; ++t) {
        for (Index c = 0; c < heads * dim; ++c) {
          const Index h = c / dim, d = c % dim, i = halves ? d % 3 : d / 2;
          const bool second = halves ? d >= 3 : d % 2 == 1;
          const Index one = h * dim + (halves ? i : 2 * i), two = one + (halves ? 3 : 1);
          const long double angle =
              static_cast<long double>(start + t) * std::pow(100.0L, -static_cast<long double>(2 * i) / 6);
          const long double want = second ? x(b, t, one) * std::sin(angle) + x(b, t, two) * std::cos(angle)
                                          : x(b, t, one) * std::cos(angle) - x(b, t, two) * std::sin(angle);
          CHECK(std::abs(static_cast<double>(want) - y(b, t, c)) < 1e-14);
        }
        for (Index c = heads * dim; c < 3 * dim; ++c) CHECK(y(b, t, c) == x(b, t, c));
      }
  }
}
