// One integer could be an extent or an element: nobody shall guess.
// EXPECT: write \({n}\) for n elements, = {1.f} for one element
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use() {
#ifdef TENON_BAD
  tn::Tensor<float, tn::dyn> v(5);
#else
  tn::Tensor<float, tn::dyn> v({5}), one = {1.f}, two = {1, 2};
#endif
}
