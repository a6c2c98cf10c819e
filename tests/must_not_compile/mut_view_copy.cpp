// There is one MutView of a storage; split() makes disjoint parts.
// EXPECT-GCC: use of deleted function .*MutView
// EXPECT-CLANG: (call to implicitly-deleted copy constructor|call to deleted constructor) of .*MutView
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(tn::Tensor<float, tn::dyn>& a) {
  auto m = a.mut();
#ifdef TENON_BAD
  auto n = m;
#else
  auto n = std::move(m);
#endif
}
