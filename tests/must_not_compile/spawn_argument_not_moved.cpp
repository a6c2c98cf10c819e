// Handing over has to be written.
// EXPECT: an argument that cannot be copied is handed over: write std::move\(x\)
#include "tenon/tensor/spawn.hpp"

namespace tn = tenon;

using Three = tn::Tensor<float, 3>;
#ifdef TENON_BAD
float use(Three t) {
  return tn::spawn([](Three x) { return x(0); }, t).get();
}
#else
float use(Three t) {
  return tn::spawn([](Three x) { return x(0); }, std::move(t)).get();
}
#endif
