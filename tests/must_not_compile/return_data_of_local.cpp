// The address of a local's elements dangles.
// EXPECT-CLANG: address of stack memory associated with local variable 't' returned
// ONLY: clang
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
const float* use() {
  tn::Tensor<float, 3> t;
  return t.data();
}
#else
const float* use(const tn::Tensor<float, 3>& t) { return t.data(); }
#endif
