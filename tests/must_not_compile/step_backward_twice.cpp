// backward uses the step up, and the text says so.
// EXPECT: write std::move\(step\).backward\(loss\)
#include "tenon/autodiff/step.hpp"
#include "tenon/op/sum.hpp"

namespace tn = tenon;

void use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
  tn::Step step(arena);
  auto loss = sum(step.variable(x));
#ifdef TENON_BAD
  step.backward(loss);
#else
  std::move(step).backward(loss);
#endif
}
