// Fresh storage is no operand until it is filled.
// EXPECT-GCC: no match for .operator\+.
// EXPECT-CLANG: invalid operands to binary expression
#include "tenon/op/add.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use() {
  tn::Uninit<float, 3> u{tn::Shape<3>()};
#ifdef TENON_BAD
  auto e = u + 1;
#else
  auto t = std::move(u).init_with([](tn::Index i) { return static_cast<float>(i); });
  auto e = t + 1;
#endif
}
