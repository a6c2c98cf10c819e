// Nobody could update a parameter that ends with the line.
// EXPECT-GCC: use of deleted function .*as_piece
// EXPECT-CLANG: call to deleted member function 'as_piece'
#include "tenon/autodiff/step.hpp"
#include "tenon/op/multiply.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& x) {
#ifdef TENON_BAD
  (void)(x * tn::Parameter<float, 3>());
#else
  tn::Parameter<float, 3> w;
  (void)(x * w);
#endif
}
