// Copies are written out: clone().
// EXPECT-GCC: use of deleted function .*Parameter
// EXPECT-CLANG: call to (implicitly-)?deleted copy constructor of .*Parameter
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

void use(const tn::Parameter<float, 3>& w) {
#ifdef TENON_BAD
  auto v = w;
#else
  auto v = w.clone();
#endif
}
