// A static clash: the message shows both shapes.
// FIRST: shapes_do_not_match<.*Shape<3, 4>.*Shape<4, 3>
// EXPECT: shapes do not broadcast
#include "tenon/op/add.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3, 4>& a, const tn::Tensor<float, 4, 3>& b) {
#ifdef TENON_BAD
  (void)(a + b);
#else
  (void)(a + a), (void)(b + b);
#endif
}
