// What a frame holds ends with it: a frame without a name holds nothing.
// EXPECT-GCC: (passing .* as 'this' argument discards qualifiers|no matching function for call|cannot bind non-const lvalue|passing)
// EXPECT-CLANG: (no matching member function|not viable|expects an lvalue)
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

void use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
#ifdef TENON_BAD
  auto v = tn::Scope(arena).input(x);
#else
  tn::Scope scope(arena);
  auto v = scope.input(x);
#endif
}
