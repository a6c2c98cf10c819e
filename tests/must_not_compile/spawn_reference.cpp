// A reference in a coat is one.
// EXPECT: not_sendable<std::reference_wrapper<
// EXPECT: may not go to another thread
#include <functional>

#include "tenon/tensor/spawn.hpp"

namespace tn = tenon;

using Three = tn::Tensor<float, 3>;
#ifdef TENON_BAD
float use(Three& t) {
  return tn::spawn([](const Three& x) { return x(0); }, std::ref(t)).get();
}
#else
float use(Three& t) {
  return tn::spawn([](const Three& x) { return x(0); }, t.clone()).get();
}
#endif
