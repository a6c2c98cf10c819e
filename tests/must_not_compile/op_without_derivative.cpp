// An op that says nothing about its derivative cannot be recorded: it would cut the gradient in silence.
// EXPECT: derivative_reads
#include "tenon/autodiff/step.hpp"
#include "tenon/op/sum.hpp"

namespace tn = tenon;

struct Twice {
  static constexpr std::string_view name = "twice";
  template <class X> static X value(X x) { return x + x; }
#ifdef TENON_BAD

#else
  static constexpr auto derivative_reads = tn::Reads::nothing;
  template <int, class X, class Y> static Y partial(X, Y) { return Y(2); }
#endif
};
void use(tn::Arena& arena, const tn::Tensor<float, 3>& x) {
  tn::Step step(arena);
  std::move(step).backward(sum(tn::apply<Twice>(step.variable(x))));
}
