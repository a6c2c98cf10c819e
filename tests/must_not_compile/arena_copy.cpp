// An arena and its handles stay where they are.
// EXPECT-GCC: use of deleted function .*Arena
// EXPECT-CLANG: call to deleted constructor of .*Arena
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

void use(tn::Arena& arena) {
#ifdef TENON_BAD
  tn::Arena copy = arena;
#else
  tn::Arena& name = arena;
#endif
}
