// Copies are written out: clone(), or mut() = a to copy the elements.
// EXPECT-GCC: use of deleted function .*operator=
// EXPECT-CLANG: selected deleted operator '='
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(tn::Tensor<float, 3>& b, const tn::Tensor<float, 3>& a) {
#ifdef TENON_BAD
  b = a;
#else
  b = a.clone();
  b.mut() = a;
#endif
}
