// A literal has the extents of the type.
// FIRST: shapes_do_not_match<.*Shape<2, 3>.*Shape<2, 2>
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use() {
#ifdef TENON_BAD
  tn::Tensor<float, 2, 3> t = {{1, 2}, {3, 4}};
#else
  tn::Tensor<float, 2, 3> t = {{1, 2, 3}, {4, 5, 6}};
#endif
}
