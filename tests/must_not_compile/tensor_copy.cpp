// Copies are written out: clone().
// EXPECT-GCC: use of deleted function .*Tensor
// EXPECT-CLANG: call to deleted constructor of .*Tensor
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& a) {
#ifdef TENON_BAD
  auto b = a;
#else
  auto b = a.clone();
#endif
}
