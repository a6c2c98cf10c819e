// A part of a temporary would be stale at once; an element is a number.
// EXPECT-GCC: use of deleted function .*operator\(\)
// EXPECT-CLANG: call to deleted function call operator
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

tn::Tensor<float, 3> make();
void use() {
#ifdef TENON_BAD
  auto v = make()(tn::all);
#else
  float x = make()(0);
#endif
}
