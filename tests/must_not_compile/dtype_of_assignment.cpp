// A destination keeps its dtype.
// EXPECT: the expression has another dtype than the destination; write cast<T>\(e\)
#include "tenon/op/add.hpp"
#include "tenon/op/cast.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& a, tn::Tensor<double, 3>& d) {
#ifdef TENON_BAD
  d.mut() = a + a;
#else
  d.mut() = tn::cast<double>(a + a);
#endif
}
