// A Tensor passed by value moves or is cloned.
// EXPECT-GCC: use of deleted function .*Tensor
// EXPECT-CLANG: call to deleted constructor of .*Tensor
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void take(tn::Tensor<float, 3>);
void use(tn::Tensor<float, 3>& a) {
#ifdef TENON_BAD
  take(a);
#else
  take(a.clone());
  take(std::move(a));
#endif
}
