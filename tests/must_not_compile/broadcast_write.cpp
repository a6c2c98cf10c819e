// A broadcast repeats elements: it can be read, not written.
// EXPECT-GCC: (no match for .operator=.|lvalue required as left operand|use of deleted function)
// EXPECT-CLANG: (no viable overloaded '='|expression is not assignable|overload resolution selected deleted operator)
#include "tenon/op/add.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(tn::Tensor<float, 1, 3>& row, tn::Tensor<float, 4, 3>& a) {
  auto rows = tn::broadcast_to<4, 3>(row);
#ifdef TENON_BAD
  rows = a + 1;
#else
  a.mut() = rows + 1;
#endif
}
