// Expressions too long for one loop.
#include "tenon/op/add.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;

namespace {
/// A tree of 2^Depth - 1 additions over x.
template <int Depth> auto tree(const auto& x) {
  if constexpr (Depth == 1) return x + x;
  else return tree<Depth - 1>(x) + tree<Depth - 1>(x);
}
}  // namespace

TEST_CASE("split: beyond 64 ops the larger operand is evaluated first, and counted", "[tensor][split]") {
  const tn::Tensor<float, 3> x = {1, 2, 3};
  const tn::Index splits = tn::counters().split_expressions, loops = tn::counters().loops;
  const tn::Tensor y = (tree<5>(x) + tree<5>(x)) + tree<2>(x);  // 31 + 31 + 3 + 2 ops
  CHECK(tn::counters().split_expressions - splits == 1);
  CHECK(tn::counters().loops - loops == 2);
  for (tn::Index i = 0; i < 3; ++i) CHECK(y(i) == 68 * x(i));
}
