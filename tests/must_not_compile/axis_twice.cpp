// An axis is folded once.
// EXPECT: an axis is named twice
#include "tenon/op/sum.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3, 4>& a) {
#ifdef TENON_BAD
  (void)tn::sum(a, tn::axis<1, -1>);
#else
  (void)tn::sum(a, tn::axis<1, 0>);
#endif
}
