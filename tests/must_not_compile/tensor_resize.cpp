// A tensor keeps its size, so that no view of it is left behind; another size is another tensor.
// EXPECT-GCC: has no member named .resize.
// EXPECT-CLANG: no member named 'resize'
#include "tenon/tensor/make.hpp"

namespace tn = tenon;

void use(tn::Tensor<float, tn::dyn>& a) {
#ifdef TENON_BAD
  a.resize(7);
#else
  a = tn::zeros<float>(7);
#endif
}
