// A part of a temporary would be stale at once; an element is a number.
// EXPECT-GCC: (passing .* as 'this' argument|no match for call to|use of deleted function|cannot bind)
// EXPECT-CLANG: no matching function for call to object of type
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
