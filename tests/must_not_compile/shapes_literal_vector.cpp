// A literal has as many elements as the type says.
// FIRST: shapes_do_not_match<.*Shape<3>.*Shape<2>
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use() {
#ifdef TENON_BAD
  tn::Tensor<float, 3> t = {1, 2};
#else
  tn::Tensor<float, 3> t = {1, 2, 3};
#endif
}
