// A label for each row of the logits.
// FIRST: shapes_do_not_match<.*Shape<5, 10>.*Shape<4>
#include "tenon/op/cross_entropy.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 5, 10>& x, const tn::Tensor<std::int32_t, 5>& good,
         const tn::Tensor<std::int32_t, 4>& bad) {
#ifdef TENON_BAD
  (void)tn::cross_entropy(x, bad), (void)good;
#else
  (void)tn::cross_entropy(x, good), (void)bad;
#endif
}
