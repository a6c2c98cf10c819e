// What a frame holds ends with it.
// EXPECT-CLANG: address of stack memory associated with local variable 'scope' returned
// ONLY: clang
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
auto use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
  tn::Scope scope(arena);
  return scope.input(x);
}
#else
auto use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
  tn::Scope scope(arena);
  return scope.input(x).clone();
}
#endif
