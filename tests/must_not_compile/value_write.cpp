// A value is written once: what backward saved of it cannot change.
// EXPECT-GCC: (has no member named .mut.|lvalue required as left operand)
// EXPECT-CLANG: no member named 'mut'
#include "tenon/autodiff/step.hpp"
#include "tenon/op/multiply.hpp"

namespace tn = tenon;

void use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
  tn::Step step(arena);
  tn::Value v = step.variable(x);
#ifdef TENON_BAD
  v.mut() = 0;
#else
  v = v * 0;
#endif
}
