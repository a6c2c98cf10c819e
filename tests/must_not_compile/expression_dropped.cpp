// An expression that nobody takes does nothing.
// EXPECT: (nodiscard|declared with attribute|ignoring)
#include "tenon/op/multiply.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& x) {
#ifdef TENON_BAD
  x * 2;
#else
  tn::Tensor t = x * 2;
#endif
}
