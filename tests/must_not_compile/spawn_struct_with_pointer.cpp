// What a struct holds counts, however deep; the error names it.
// EXPECT: not_sendable<(const )?float ?(const ?)?\*>
// EXPECT: may not go to another thread
#include "tenon/tensor/spawn.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
struct Inner {
  const float* first;
};
#else
struct Inner {
  float first;
};
#endif
struct Outer {
  tn::Tensor<float, 3> t;
  std::vector<Inner> inner;
};

Outer use(Outer outer) {
  return tn::spawn([](Outer o) { return o; }, std::move(outer)).get();
}
