// Memory is lent by somebody who stays.
// EXPECT-GCC: use of deleted function .*unsafe_borrow
// EXPECT-CLANG: call to deleted function 'unsafe_borrow'
#include <vector>

#include "tenon/tensor/unsafe_borrow.hpp"

namespace tn = tenon;

std::vector<float> numbers();
void use() {
#ifdef TENON_BAD
  auto lent = tn::unsafe_borrow(numbers());
#else
  auto own = numbers();
  auto lent = tn::unsafe_borrow(own);
#endif
}
