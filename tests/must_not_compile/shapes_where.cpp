// The condition and both choices broadcast together.
// FIRST: shapes_do_not_match<.*Shape<3, 4>.*Shape<4, 3>
#include "tenon/op/where.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<bool, 4>& c, const tn::Tensor<float, 3, 4>& a, const tn::Tensor<float, 4, 3>& b) {
#ifdef TENON_BAD
  (void)tn::where(c, a, b);
#else
  (void)tn::where(c, a, a), (void)b;
#endif
}
