// A row of a local is stale when the function returns; an element is a number.
// EXPECT-CLANG: address of stack memory associated with local variable 't' returned
// ONLY: clang
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
auto use() {
  tn::Tensor<float, 3, 3> t;
  return t(0, tn::all);
}
#else
auto use() {
  tn::Tensor<float, 3, 3> t;
  return t(0, 0);
}
#endif
