// An expression is not a variable; a Value or a Tensor is.
// EXPECT-GCC: use of deleted function .*operator=
// EXPECT-CLANG: selected deleted operator '='
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& x) {
#ifdef TENON_BAD
  auto e = x * 2;
  e = x * 3;
#else
  tn::Tensor t = x * 2;
  t = x * 3;
#endif
}
