// &, | and ! want masks.
// EXPECT: this op needs bool tensors, such as x > 0
#include "tenon/op/greater.hpp"
#include "tenon/op/logical_and.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& a) {
#ifdef TENON_BAD
  (void)(a & a);
#else
  (void)((a > 0) & (a > 1));
#endif
}
