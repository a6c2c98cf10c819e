// A Tensor has the shape of the expression it is made from.
// FIRST: shapes_do_not_match<.*Shape<4, 3>.*Shape<3, 4>
// EXPECT: the shapes differ
#include "tenon/op/add.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3, 4>& a) {
#ifdef TENON_BAD
  tn::Tensor<float, 4, 3> t = a + a;
#else
  tn::Tensor<float, 3, 4> t = a + a;
  tn::Tensor<float, tn::dyn, 4> u = a + a;
#endif
}
