// Writing into a temporary is writing into nothing.
// EXPECT-GCC: use of deleted function .*mut
// EXPECT-CLANG: call to deleted member function 'mut'
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

tn::Tensor<float, 3> make();
void use() {
#ifdef TENON_BAD
  make().mut() = 1;
#else
  auto t = make();
  t.mut() = 1;
#endif
}
