// Labels are integers.
// EXPECT: labels are integers, one class a row
#include "tenon/op/cross_entropy.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3, 4>& x, const tn::Tensor<int, 3>& labels, const tn::Tensor<float, 3>& numbers) {
#ifdef TENON_BAD
  (void)tn::cross_entropy(x, numbers), (void)labels;
#else
  (void)tn::cross_entropy(x, labels), (void)numbers;
#endif
}
