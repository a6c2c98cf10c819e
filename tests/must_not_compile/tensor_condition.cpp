// A tensor is neither true nor false; any(x) and all(x) are.
// EXPECT-GCC: use of deleted function .*operator bool
// EXPECT-CLANG: attempt to use a deleted function|conversion function from .* invokes a deleted function
#include "tenon/op/any.hpp"
#include "tenon/op/greater.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

bool use(const tn::Tensor<float, 3>& x) {
#ifdef TENON_BAD
  return x ? true : false;
#else
  return static_cast<bool>(tn::any(x > 0));
#endif
}
