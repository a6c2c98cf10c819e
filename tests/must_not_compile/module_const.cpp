// A const module cannot learn.
// EXPECT: a const module cannot learn; leave it out of the Step to use it as a constant
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

struct Net {
  tn::Parameter<float, 3> w;
};
void use(tn::Arena& arena, const Net& fixed, Net& net) {
#ifdef TENON_BAD
  tn::Step step(arena, fixed), other(arena, net);
#else
  tn::Step step(arena, net);
  (void)fixed;
#endif
}
