// Two tensors of different dtype do not meet by accident.
// EXPECT: the tensors differ in dtype; write cast<float>\(x\)
#include "tenon/op/add.hpp"
#include "tenon/op/cast.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& a, const tn::Tensor<double, 3>& b) {
#ifdef TENON_BAD
  (void)(a + b);
#else
  (void)(a + tn::cast<float>(b));
#endif
}
