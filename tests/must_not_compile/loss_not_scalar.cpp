// backward wants one number, or a seed.
// EXPECT: the loss is a tensor; reduce it first, for example by sum or mean, or pass a seed of its shape
#include "tenon/autodiff/step.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"

namespace tn = tenon;

void use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
  tn::Step step(arena);
  tn::Value v = step.variable(x);
#ifdef TENON_BAD
  std::move(step).backward(v * v);
#else
  std::move(step).backward(sum(v * v));
#endif
}
