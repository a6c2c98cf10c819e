// 16-bit numbers are stored, not multiplied as matrices.
// EXPECT: tenon::matmul: 16-bit types are for storage; write cast<float>\(x\)
#include "tenon/op/cast.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<tn::bfloat16, 3, 3>& a) {
#ifdef TENON_BAD
  (void)tn::matmul(a, a);
#else
  (void)tn::matmul(tn::cast<float>(a), tn::cast<float>(a));
#endif
}
