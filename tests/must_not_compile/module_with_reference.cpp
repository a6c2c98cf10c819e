// A module that is not understood is refused: its parameters would not learn.
// EXPECT: (reference|members\(visit\))
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

#include <array>
struct Base {
  int n = 0;
};
#ifdef TENON_BAD
struct Net {
  tn::Parameter<float, 3>& w;
};
#else
struct Net {
  tn::Parameter<float, 3> w;
};
#endif
void use(tn::Arena& arena, Net& net) { tn::Step step(arena, net); }
