// Sixteen bits are for storage: they have no gradient.
// EXPECT: tenon::Step: only float and double have gradients
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

void use(tn::Arena& arena, const tn::Tensor<tn::bfloat16, 3>& x) {
  tn::Step step(arena);
#ifdef TENON_BAD
  (void)step.variable(x);
#else
  (void)step.input(x);
#endif
}
