// tanh of integers would have to guess a dtype.
// EXPECT: this op needs a floating dtype; write cast<float>\(x\)
#include "tenon/op/cast.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<int, 3>& a) {
#ifdef TENON_BAD
  (void)tn::tanh(a);
#else
  (void)tn::tanh(tn::cast<float>(a));
#endif
}
