// The channels of the images are those of the filters, or a multiple of them.
// FIRST: shapes_do_not_match<.*Shape<2, 3, 8, 8>.*Shape<4, 2, 3, 3>
// EXPECT: the channels of x are not those of weight
#include "tenon/op/conv2d.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 2, 3, 8, 8>& x, const tn::Tensor<float, 4, 3, 3, 3>& good,
         const tn::Tensor<float, 4, 2, 3, 3>& bad) {
#ifdef TENON_BAD
  (void)tn::conv2d(x, bad), (void)good;
#else
  (void)tn::conv2d(x, good), (void)bad;
#endif
}
