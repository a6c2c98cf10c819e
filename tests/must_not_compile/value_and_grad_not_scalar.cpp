// Only a number has a gradient.
// EXPECT: f must return a scalar; reduce it by sum or mean
#include "tenon/autodiff/functional.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"

namespace tn = tenon;

void use(const tn::Tensor<float, 3>& x) {
#ifdef TENON_BAD
  (void)tn::value_and_grad([](const auto& y) { return y * y; })(x);
#else
  (void)tn::value_and_grad([](const auto& y) { return sum(y * y); })(x);
#endif
}
