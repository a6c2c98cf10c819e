// An arena outlives its frames.
// EXPECT-GCC: (cannot bind|request for member|no matching function)
// EXPECT-CLANG: (no matching constructor|expects an lvalue|member reference base type)
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

void use() {
#ifdef TENON_BAD
  tn::Scope scope(tn::Arena{});
  (void)scope.node_count();
#else
  tn::Arena arena;
  tn::Scope scope(arena);
  (void)scope.node_count();
#endif
}
