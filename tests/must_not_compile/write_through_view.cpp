// A View reads; mut() writes.
// EXPECT-GCC: (lvalue required as left operand|using temporary as lvalue)
// EXPECT-CLANG: expression is not assignable
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(tn::Tensor<float, 2, 2>& a) {
  auto v = a.view();
#ifdef TENON_BAD
  v(0, 0) = 1;
#else
  float x = v(0, 0);
  a.mut()(0, 0) = x;
#endif
}
