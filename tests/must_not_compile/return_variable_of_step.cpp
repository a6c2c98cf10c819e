// So does a step's variable.
// EXPECT-CLANG: address of stack memory associated with local variable 'step' returned
// ONLY: clang
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
auto use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
  tn::Step step(arena);
  return step.variable(x);
}
#else
auto use(tn::Step& step, const tn::Tensor<float, 3>& x) { return step.variable(x); }
#endif
