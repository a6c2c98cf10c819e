// A view reads what this thread owns.
// EXPECT: not_sendable<tenon::[^ ]*View<float, 3>
// EXPECT: may not go to another thread
#include "tenon/tensor/spawn.hpp"

namespace tn = tenon;

using Three = tn::Tensor<float, 3>;
#ifdef TENON_BAD
float use(const Three& t) {
  return tn::spawn([](tn::View<float, 3> v) { return v(0); }, t.view()).get();
}
#else
float use(const Three& t) {
  return tn::spawn([](Three v) { return v(0); }, t.view().clone()).get();
}
#endif
