// A Step stays where it is.
// EXPECT-GCC: use of deleted function .*Step
// EXPECT-CLANG: call to implicitly-deleted copy constructor of .*Step
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

void use(tn::Arena& arena) {
#ifdef TENON_BAD
  tn::Step step(arena);
  tn::Step copy = step, moved = std::move(step);
#else
  tn::Step step(arena);
  tn::Step& name = step;
#endif
}
