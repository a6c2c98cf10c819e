// A view ends with the object that lends it.
// EXPECT-CLANG: address of stack memory associated with local variable 'lent' returned
// ONLY: clang
#include <vector>

#include "tenon/tensor/unsafe_borrow.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
auto use(std::vector<float>& own) {
  auto lent = tn::unsafe_borrow(own);
  return lent.view();
}
#else
auto use(std::vector<float>& own) {
  auto lent = tn::unsafe_borrow(own);
  return lent.view().clone();
}
#endif
