// A capture would be shared by two threads.
// EXPECT: the function captures something, which two threads would share; pass it as an argument
#include "tenon/tensor/spawn.hpp"

namespace tn = tenon;

using Three = tn::Tensor<float, 3>;
#ifdef TENON_BAD
float use(Three& t) {
  return tn::spawn([&] { return t(0); }).get();
}
#else
float use(Three& t) {
  return tn::spawn([](Three x) { return x(0); }, t.clone()).get();
}
#endif
