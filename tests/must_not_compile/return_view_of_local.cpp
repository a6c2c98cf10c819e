// A view of a local is stale when the function returns; clang sees it, g++ leaves it to the run-time check.
// EXPECT-CLANG: address of stack memory associated with local variable 't' returned
// ONLY: clang
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
auto use() {
  tn::Tensor<float, 3> t;
  return t.view();
}
#else
auto use() {
  tn::Tensor<float, 3> t;
  return t;
}
#endif
