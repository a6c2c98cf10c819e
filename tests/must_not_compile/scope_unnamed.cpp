// A frame without a name ends at once.
// EXPECT: a Scope that is not named ends at once
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

void use(tn::Arena& arena) {
#ifdef TENON_BAD
  tn::Scope{arena};
#else
  tn::Scope scope{arena};
#endif
}
