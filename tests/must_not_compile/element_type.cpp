// A tensor holds numbers.
// EXPECT: the element type is float, double, int32, int64, uint8, bool, bfloat16 or float16
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
tn::Tensor<char*, 3> use();
auto t = use();
#else
tn::Tensor<float, 3> use();
auto t = use();
#endif
