// const is deep.
// EXPECT-GCC: (passing .* as 'this' argument discards qualifiers|no matching function)
// EXPECT-CLANG: (no matching member function|'this' argument .* has type .*const|drops 'const')
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& a, tn::Tensor<float, 3>& b) {
#ifdef TENON_BAD
  a.mut() = 1, (void)b;
#else
  b.mut() = 1, (void)a;
#endif
}
