// No more indices than dimensions.
// EXPECT: more indices than the tensor has dimensions
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3, 4>& a) {
#ifdef TENON_BAD
  (void)a(0, 1, 2);
#else
  (void)a(0, 1), (void)a(0);
#endif
}
