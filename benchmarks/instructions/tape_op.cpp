// Instructions of recording one op whose extents are all 1, and of its part in the reverse pass, together: what the
// tape costs when there is nothing to compute. A repetition is one op of a chain.
#include "benchmarks/harness/count.hpp"
#include "tenon/autodiff/step.hpp"
#include "tenon/op.hpp"

namespace {

using Number = tenon::Value<float>;

/// h = op(h, x), n times, and back.
template <class Op> auto chain(tenon::Arena& arena, const tenon::Tensor<float>& start, Op op) {
  const auto run = [&arena, &start, op](std::int64_t n) {
    tenon::Step step(arena);
    const Number x = step.variable(start);
    Number h = x * 1.0f;
    for (; n > 0; --n) h = op(h, x);
    const tenon::Gradients gradients = std::move(step).backward(h);
    float gradient = gradients.of(x).item();
    benchmark::DoNotOptimize(gradient);
  };
  run(4000);  // the arena grows here
  return run;
}

}  // namespace

int main(int argc, char** argv) {
  tenon::Arena arena;
  const tenon::Tensor<float> start(0.5f);
  bench::Counting counting(200, 1200);
  const auto add = [&](const char* name, auto op) {
    counting.whole(name, chain(arena, start, op)).at_most(name, 250).no_memory(name);
  };
  add("h*x", [](const Number& h, const Number& x) -> Number { return h * x; });
  add("h+x", [](const Number& h, const Number& x) -> Number { return h + x; });
  add("h*0.999f", [](const Number& h, const Number&) -> Number { return h * 0.999f; });
  add("tanh(h)", [](const Number& h, const Number&) -> Number { return tanh(h); });
  return counting.run(argc, argv);
}
