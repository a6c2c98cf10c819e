// A seed has the shape of the value.
// EXPECT: error: .*shapes_do_not_match<.*Shape<3>.*Shape<2>
#include "tenon/autodiff/step.hpp"
#include "tenon/op/multiply.hpp"

namespace tn = tenon;

void use(tn::Arena& arena, const tn::Tensor<float, 3>& x, const tn::Tensor<float, 2>& seed) {
  tn::Step step(arena);
  tn::Value v = step.variable(x);
#ifdef TENON_BAD
  std::move(step).backward(v * v, seed);
#else
  std::move(step).backward(v * v, x), (void)seed;
#endif
}
