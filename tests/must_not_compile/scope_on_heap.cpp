// Frames end in the reverse order of their beginning: they live on the stack.
// EXPECT-GCC: use of deleted function .*operator new
// EXPECT-CLANG: call to deleted function 'operator new'
#include "tenon/autodiff/step.hpp"
#include "tenon/base/config.hpp"

namespace tn = tenon;

#include <memory>
void use(tn::Arena& arena) {
#ifdef TENON_BAD
  auto scope = std::make_unique<tn::Scope>(arena);
#else
  tn::Scope scope(arena);
#endif
}
