// x > y has one truth for each element; any(x) and all(x) have one.
// EXPECT-GCC: could not convert .* to .bool.|cannot convert
// EXPECT-CLANG: (not contextually convertible to|no viable conversion from)
#include "tenon/op/any.hpp"
#include "tenon/op/greater.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

bool use(const tn::Tensor<float, 3>& x) {
#ifdef TENON_BAD
  if (x > 0) return true;
  return false;
#else
  if (tn::any(x > 0)) return true;
  return false;
#endif
}
