// A view of a local parameter, or of its gradient, ends with it.
// EXPECT-CLANG: address of stack memory associated with local variable 'w' returned
// ONLY: clang
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
auto use() {
  tn::Parameter<float, 3> w;
  return w.view();
}
#else
auto use(const tn::Parameter<float, 3>& w) { return w.view(); }
#endif
