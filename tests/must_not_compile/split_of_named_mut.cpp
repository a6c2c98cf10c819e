// A borrow that was split is no longer there to write through.
// EXPECT-GCC: (passing .* as .this. argument discards qualifiers|no matching function for call|cannot bind)
// EXPECT-CLANG: ('this' argument .* is an lvalue|no matching member function|expects an rvalue)
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(tn::Tensor<float, tn::dyn>& a) {
  auto m = a.mut();
#ifdef TENON_BAD
  auto [low, high] = m.split(0, 1);
#else
  auto [low, high] = std::move(m).split(0, 1);
#endif
}
