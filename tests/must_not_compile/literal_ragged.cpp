// The rows of a literal have one length.
// EXPECT: the rows of a literal differ in length
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use() {
#ifdef TENON_BAD
  tn::Tensor<float, 2, 3> t = {{1, 2, 3}, {4, 5}};
#else
  tn::Tensor<float, 2, 3> t = {{1, 2, 3}, {4, 5, 6}};
#endif
}
