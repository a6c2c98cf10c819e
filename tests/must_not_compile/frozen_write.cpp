// What threads share has no mut(), nor elements to assign to.
// EXPECT: (has no member named .?.?mut|no member named 'mut')
#include "tenon/tensor/frozen.hpp"

namespace tn = tenon;

using Three = tn::Tensor<float, 3>;
#ifdef TENON_BAD
float use(tn::Frozen<float, 3> f) {
  f.mut()(0) = 1;
  return f(0);
}
#else
float use(tn::Frozen<float, 3> f) {
  Three t = f.clone();
  t.mut()(0) = 1;
  return f(0);
}
#endif
