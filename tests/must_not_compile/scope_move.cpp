// A Scope stays where it is.
// EXPECT-GCC: use of deleted function .*Scope
// EXPECT-CLANG: call to implicitly-deleted copy constructor of .*Scope
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

void use(tn::Arena& arena) {
#ifdef TENON_BAD
  tn::Scope scope(arena);
  tn::Scope moved = std::move(scope);
#else
  tn::Scope scope(arena);
  tn::Scope& name = scope;
#endif
}
