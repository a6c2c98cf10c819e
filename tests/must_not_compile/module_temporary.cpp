// Nobody could update a module that ends with the line.
// EXPECT-GCC: (cannot bind non-const lvalue|no matching function)
// EXPECT-CLANG: no matching constructor
#include "tenon/autodiff/step.hpp"

namespace tn = tenon;

struct Net {
  tn::Parameter<float, 3> w;
};
void use(tn::Arena& arena) {
#ifdef TENON_BAD
  tn::Step step(arena, Net{});
#else
  Net net;
  tn::Step step(arena, net);
#endif
}
