// A value lies in a frame of this thread; so does the step.
// EXPECT: not_sendable<tenon::[^ ]*Value<float, 3>
#include "tenon/autodiff/step.hpp"
#include "tenon/tensor/spawn.hpp"

namespace tn = tenon;

using Three = tn::Tensor<float, 3>;
#ifdef TENON_BAD
float use(tn::Scope& scope, Three t) {
  return tn::spawn([](auto x) { return x(0); }, scope.input(t)).get();
}
#else
float use(tn::Scope& scope, Three t) {
  return tn::spawn([](auto x) { return x(0); }, scope.input(t).clone()).get();
}
#endif
