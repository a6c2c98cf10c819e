// An axis is one of the tensor's.
// EXPECT: an axis is outside the tensor's rank
#include "tenon/op/sum.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3, 4>& a) {
#ifdef TENON_BAD
  (void)tn::sum(a, tn::axis<2>);
#else
  (void)tn::sum(a, tn::axis<1>), (void)tn::sum(a, tn::axis<-2>);
#endif
}
