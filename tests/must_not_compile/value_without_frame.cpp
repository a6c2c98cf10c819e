// A Value belongs to a frame.
// EXPECT: nothing in this expression belongs to a frame; use Tensor, or begin with step.input\(x\)
#include "tenon/autodiff/step.hpp"
#include "tenon/op/multiply.hpp"

namespace tn = tenon;

void use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
  tn::Scope scope(arena);
#ifdef TENON_BAD
  tn::Value v = x * x;
#else
  tn::Value v = scope.input(x) * x;
  tn::Tensor t = x * x;
#endif
}
