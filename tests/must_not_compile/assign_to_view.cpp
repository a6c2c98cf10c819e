// A View cannot be written to, whole or in part.
// EXPECT-GCC: no match for .operator=.
// EXPECT-CLANG: no viable overloaded '='
#include "tenon/op/add.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(tn::Tensor<float, 2, 2>& a) {
#ifdef TENON_BAD
  a(0, tn::all) = a(1, tn::all) + 1;
#else
  a.mut()(0, tn::all) = a(1, tn::all) + 1;
#endif
}
