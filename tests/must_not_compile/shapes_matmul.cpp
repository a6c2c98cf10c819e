// The columns of a are the rows of b.
// FIRST: shapes_do_not_match<.*Shape<3, 4>.*Shape<3, 4>
// EXPECT: the columns of a are not the rows of b
#include "tenon/op/matmul.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3, 4>& a, const tn::Tensor<float, 4, 2>& b) {
#ifdef TENON_BAD
  (void)tn::matmul(a, a), (void)b;
#else
  (void)tn::matmul(a, b);
#endif
}
