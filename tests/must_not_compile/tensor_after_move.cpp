// A name that was moved from is not used: clang's -Wconsumed follows it, g++ leaves it to the run-time check.
// EXPECT-CLANG: invalid invocation of method .*on object 't' while it is in the 'consumed' state
// ONLY: clang
// FLAGS: -Wconsumed
#include "tenon/op/add.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

using Row = tn::Tensor<float, 3>;

void take(Row);

float use(Row& other) {
  Row t;
  take(std::move(t));
#ifndef TENON_BAD
  t = other + 1;
  std::swap(t, other);
#else
  (void)other;
#endif
  return t(0);
}
