// A view of a temporary would be stale at once.
// EXPECT-GCC: use of deleted function .*view
// EXPECT-CLANG: call to deleted member function 'view'
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

tn::Tensor<float, 3> make();
void use() {
#ifdef TENON_BAD
  auto v = make().view();
#else
  auto t = make();
  auto v = t.view();
#endif
}
