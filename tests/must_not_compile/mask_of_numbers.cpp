// where chooses by a mask.
// EXPECT: the first operand is a mask: a bool tensor, such as x > 0
#include "tenon/op/greater.hpp"
#include "tenon/op/where.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& a) {
#ifdef TENON_BAD
  (void)tn::where(a, a, 0);
#else
  (void)tn::where(a > 0, a, 0);
#endif
}
