// A matrix is not a vector, whatever its extents.
// FIRST: shapes_do_not_match<.*Shape<-1>.*Shape<-1, -1>
#include "tenon/op/add.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, tn::dyn, tn::dyn>& a) {
#ifdef TENON_BAD
  tn::Tensor<float, tn::dyn> v = a + 1;
#else
  tn::Tensor<float, tn::dyn, tn::dyn> v = a + 1;
#endif
}
