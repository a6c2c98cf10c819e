// A Tensor has the dtype of the expression it is made from.
// EXPECT: the expression has another dtype than the tensor; write cast<T>\(e\)
#include "tenon/op/add.hpp"
#include "tenon/op/cast.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& a) {
#ifdef TENON_BAD
  tn::Tensor<double, 3> t = a + a;
#else
  tn::Tensor<double, 3> t = tn::cast<double>(a + a);
#endif
}
