// Operands of concatenate differ along its axis only.
// FIRST: shapes_do_not_match<.*Shape<2, 3>.*Shape<2, 4>
#include "tenon/op/concatenate.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 2, 3>& a, const tn::Tensor<float, 2, 4>& b) {
#ifdef TENON_BAD
  (void)tn::concatenate(tn::axis<0>, a, b);
#else
  (void)tn::concatenate(tn::axis<1>, a, b);
#endif
}
