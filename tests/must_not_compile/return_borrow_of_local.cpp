// A container that ends with the function cannot be lent to its caller.
// EXPECT-CLANG: address of stack memory associated with local variable 'own' returned
// ONLY: clang
#include <vector>

#include "tenon/tensor/unsafe_borrow.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
auto use() {
  std::vector<float> own(3);
  return tn::unsafe_borrow(own);
}
#else
auto use(std::vector<float>& own) { return tn::unsafe_borrow(own); }
#endif
