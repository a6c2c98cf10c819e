// The last extent of a sequence is the number of rows of the input weight.
// FIRST: shapes_do_not_match<.*Shape<-1, -1, 6>.*Shape<3, 16>
#include "tenon/op/lstm.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, tn::dyn, tn::dyn, 6>& x, const tn::Tensor<float, 3, 16>& bad,
         const tn::Tensor<float, 6, 16>& good, const tn::Tensor<float, 4, 16>& hidden,
         const tn::Tensor<float, 16>& bias) {
#ifdef TENON_BAD
  (void)tn::lstm(x, bad, hidden, bias), (void)good;
#else
  (void)tn::lstm(x, good, hidden, bias), (void)bad;
#endif
}
