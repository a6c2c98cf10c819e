// A thread that nobody names is waited for at once: no thread at all.
// EXPECT: a Thread that is not named is waited for at once
#include "tenon/tensor/spawn.hpp"

namespace tn = tenon;

using Three = tn::Tensor<float, 3>;
#ifdef TENON_BAD
void use(Three t) {
  tn::spawn([](Three x) { x.mut().fill(1); }, std::move(t));
}
#else
void use(Three t) {
  auto thread = tn::spawn([](Three x) { x.mut().fill(1); }, std::move(t));
  thread.join();
}
#endif
