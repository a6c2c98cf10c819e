// What is assigned broadcasts to the destination.
// FIRST: shapes_do_not_match<.*Shape<3, 4>.*Shape<4, 3>
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(tn::Tensor<float, 3, 4>& a, const tn::Tensor<float, 4, 3>& b, const tn::Tensor<float, 4>& row) {
#ifdef TENON_BAD
  a.mut() = b, (void)row;
#else
  a.mut() = row, (void)b;
#endif
}
