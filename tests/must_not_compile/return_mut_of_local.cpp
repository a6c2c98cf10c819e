// The right to write to a local ends with it.
// EXPECT-CLANG: address of stack memory associated with local variable 't' returned
// ONLY: clang
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
auto use() {
  tn::Tensor<float, 3> t;
  return t.mut();
}
#else
auto use(tn::Tensor<float, 3>& t) { return t.mut(); }
#endif
