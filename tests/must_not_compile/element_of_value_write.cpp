// Nor is one of its elements.
// EXPECT-GCC: (lvalue required as left operand|using temporary as lvalue)
// EXPECT-CLANG: expression is not assignable
#include "tenon/autodiff/step.hpp"
#include "tenon/op/slice.hpp"

namespace tn = tenon;

void use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
  tn::Scope scope(arena);
  tn::Value v = scope.input(x);
#ifdef TENON_BAD
  v(0) = 1;
#else
  float first = v(0);
#endif
}
