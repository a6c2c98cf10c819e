// A fraction would be cut off to meet an integer tensor.
// EXPECT: a fractional number with an integer tensor; write cast<float>\(x\) first, or an integer
#include "tenon/op/cast.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<int, 3>& a, const tn::Tensor<float, 3>& b) {
#ifdef TENON_BAD
  (void)(a * 0.5), (void)b;
#else
  (void)(a * 2), (void)(b * 0.5), (void)(tn::cast<float>(a) * 0.5);
#endif
}
