// What comes back owns.
// EXPECT: not_sendable<tenon::[^ ]*View<float, 3>
#include "tenon/tensor/spawn.hpp"

namespace tn = tenon;

using Three = tn::Tensor<float, 3>;
#ifdef TENON_BAD
auto use(Three t) {
  return tn::spawn([](Three x) { return x.view(); }, std::move(t)).get();
}
#else
auto use(Three t) {
  return tn::spawn([](Three x) { return x; }, std::move(t)).get();
}
#endif
