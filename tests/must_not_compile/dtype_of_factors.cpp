// The factors of a product have one dtype.
// EXPECT: the factors of a product differ in dtype; write cast<float>\(x\)
#include "tenon/op/cast.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3, 3>& a, const tn::Tensor<double, 3, 3>& b) {
#ifdef TENON_BAD
  (void)tn::matmul(a, b);
#else
  (void)tn::matmul(a, tn::cast<float>(b));
#endif
}
