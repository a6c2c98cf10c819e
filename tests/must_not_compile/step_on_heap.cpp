// Frames end in the reverse order of their beginning: they live on the stack.
// EXPECT-GCC: use of deleted function .*operator new
// EXPECT-CLANG: call to deleted function 'operator new'
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

void use(tn::Arena& arena) {
#ifdef TENON_BAD
  auto* step = new tn::Step(arena);
#else
  tn::Step step(arena);
#endif
}
