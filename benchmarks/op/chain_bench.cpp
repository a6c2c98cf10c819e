// Elementwise chains, value alone and value with gradient: tenon's fused expressions against the loops that a hand
// would write over SIMD lanes (with tenon's tanh and exp, so that the loop is judged; and with xsimd's) and Eigen.
// The chains are defined in peers/chains.hpp. Sizes: within L1, within L2 or L3, and far beyond every cache.
#include <memory>
#include <tuple>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/op/chain_data.hpp"
#include "benchmarks/op/formulas.hpp"
#include "benchmarks/peers/chains.hpp"
#include "tenon/tenon.hpp"
#if defined(TENON_BENCH_EIGEN)
#include "benchmarks/peers/eigen_chains.hpp"
#endif

namespace {

namespace hand = bench::hand;
namespace formulas = bench::formulas;
using formulas::a, formulas::b, formulas::c;
using tenon::Index;
using namespace bench::chain;

// ---- tenon ----------------------------------------------------------------------------------------------------------

/// The number formula(arrays...). As a peer it is what its gradient is compared with: "tenon, value".
template <int Count, class F> auto number(const Given& given, F formula) {
  return [given, formula] { return given->pass_to<Count>(formula).item(); };
}
template <int Count, class F> void add_number(bench::Contest& contest, const Given& given, F formula) {
  const auto body = number<Count>(given, formula);
  contest.subject(body, [given, body] {
    std::vector<double> all;
    append_sum(all, body(), given->n);
    return all;
  });
}

/// value_and_grad(formula)(arrays...). Its first `compared` gradients must agree.
template <int Count, class F> void add_gradient(bench::Contest& contest, const Given& given, F formula) {
  const auto both = std::make_shared<tenon::ValueAndGrad<F>>(formula);
  contest.subject([given, both] { return given->pass_to<Count>(*both).value; },
                  [given, both] {
                    std::vector<double> all;
                    const auto result = given->pass_to<Count>(*both);
                    append_sum(all, result.value, given->n);
                    if constexpr (Count == 1) append_all(all, result.grad);
                    else std::apply([&](const auto&... grad) { (append_all(all, grad), ...); }, result.grad);
                    return all;
                  });
  contest.peer("tenon, value", number<Count>(given, formula));
}

/// The same, recorded in a Step. `use(value, gradients...)` while the step lives.
template <int Count, class F, class Use> auto in_step(tenon::Arena& arena, const Inputs& inputs, F formula, Use use) {
  tenon::Step step(arena);
  const auto run = [&](auto... x) {
    const auto y = formula(x...);
    const tenon::Gradients gradients = std::move(step).backward(y);
    return use(y.item(), gradients.of(x)...);
  };
  return inputs.pass_to<Count>([&](const auto&... array) { return run(step.variable(array)...); });
}
template <int Count, class F> void add_step(bench::Contest& contest, const Given& given, F formula) {
  const auto arena = std::make_shared<tenon::Arena>();
  contest.subject(
      [given, arena, formula] {
        return in_step<Count>(*arena, *given, formula, [](float value, const auto&...) { return value; });
      },
      [given, arena, formula] {
        std::vector<double> all;
        in_step<Count>(*arena, *given, formula, [&](float value, const auto&... gradient) {
          append_sum(all, value, given->n);
          (append_all(all, gradient.clone()), ...);
        });
        return all;
      });
  contest.peer("tenon, value", number<Count>(given, formula));
}

// ---- cases ----------------------------------------------------------------------------------------------------------

/// One group, three sizes; the goals are for the smallest. Sums run over the terms in another order in each contender,
/// hence the tolerance.
void add_chain(const std::string& group, double reads, double writes, void (*prepare)(bench::Contest&, const Given&),
               const std::vector<bench::Goal>& goals = {}) {
  for (const Index n : {1024, 1 << 18, 1 << 24})
    bench::add({.group = group,
                .name = std::to_string(n),
                .work = {.bytes = 4 * static_cast<double>(n) * (reads + writes),
                         .traffic = writes > 0 ? bench::Traffic::triad : bench::Traffic::read},
                .goals = n == 1024 ? goals : std::vector<bench::Goal>(),
                .tolerance = 1e-3,
                .prepare = [n, prepare](bench::Contest& contest) { prepare(contest, std::make_shared<Inputs>(n)); }});
}

template <class Math> void tanh_affine(bench::Contest& contest, const char* name, const Given& given) {
  add_peer(contest, name, given, 1,
           [](Data& d) { return hand::tanh_affine<Math>(d.n, d.x(0), a, b, c, d.y(0)), 0.0f; });
}
void prepare_tanh_affine(bench::Contest& contest, const Given& given) {
  add_array<1>(contest, given, formulas::tanh_affine);
  tanh_affine<hand::TenonMath>(contest, "loop", given);
  tanh_affine<hand::XsimdMath>(contest, "xsimd", given);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1,
           [](Data& d) { return bench::eigen::tanh_affine(d.n, d.x(0), a, b, c, d.y(0)), 0.0f; });
#endif
}

template <class Math> void tanh_affine_gradient(bench::Contest& contest, const char* name, const Given& given) {
  add_peer(contest, name, given, 1,
           [](Data& d) { return hand::tanh_affine_gradient<Math>(d.n, d.x(0), a, b, c, d.y(0)); });
}
void prepare_tanh_affine_gradient(bench::Contest& contest, const Given& given) {
  add_gradient<1>(contest, given, formulas::tanh_affine_sum);
  tanh_affine_gradient<hand::TenonMath>(contest, "loop", given);
  tanh_affine_gradient<hand::XsimdMath>(contest, "xsimd", given);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1,
           [](Data& d) { return bench::eigen::tanh_affine_gradient(d.n, d.x(0), a, b, c, d.y(0)); });
#endif
}

void prepare_residual(bench::Contest& contest, const Given& given) {
  add_number<2>(contest, given, formulas::residual);
  add_peer(contest, "loop", given, 0, [](Data& d) { return hand::residual(d.n, d.x(0), d.x(1)); });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 0, [](Data& d) { return bench::eigen::residual(d.n, d.x(0), d.x(1)); });
#endif
}
void residual_gradient_peers(bench::Contest& contest, const Given& given) {
  add_peer(contest, "loop", given, 2,
           [](Data& d) { return hand::residual_gradient(d.n, d.x(0), d.x(1), d.y(0), d.y(1)); });
  add_peer(contest, "loop, value", given, not_compared, [](Data& d) { return hand::residual(d.n, d.x(0), d.x(1)); });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 2,
           [](Data& d) { return bench::eigen::residual_gradient(d.n, d.x(0), d.x(1), d.y(0), d.y(1)); });
#endif
}
void prepare_residual_gradient(bench::Contest& contest, const Given& given) {
  add_gradient<2>(contest, given, formulas::residual);
  residual_gradient_peers(contest, given);
}
void prepare_residual_step(bench::Contest& contest, const Given& given) {
  add_step<2>(contest, given, formulas::residual);
  residual_gradient_peers(contest, given);
}

void prepare_arithmetic(bench::Contest& contest, const Given& given) {
  add_array<3>(contest, given, formulas::arithmetic);
  add_peer(contest, "loop", given, 1,
           [](Data& d) { return hand::arithmetic(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0)), 0.0f; });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1,
           [](Data& d) { return bench::eigen::arithmetic(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0)), 0.0f; });
#endif
}
void prepare_arithmetic_gradient(bench::Contest& contest, const Given& given) {
  add_gradient<3>(contest, given, formulas::arithmetic_sum);
  add_peer(contest, "loop", given, 3,
           [](Data& d) { return hand::arithmetic_gradient(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0), d.y(1), d.y(2)); });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 3, [](Data& d) {
    return bench::eigen::arithmetic_gradient(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0), d.y(1), d.y(2));
  });
#endif
}

template <class Math> void tanh_exp(bench::Contest& contest, const char* name, const Given& given) {
  add_peer(contest, name, given, 0, [](Data& d) { return hand::tanh_exp<Math>(d.n, d.x(0), a, b, c); });
}
void prepare_tanh_exp(bench::Contest& contest, const Given& given) {
  add_number<1>(contest, given, formulas::tanh_exp);
  tanh_exp<hand::TenonMath>(contest, "loop", given);
  tanh_exp<hand::XsimdMath>(contest, "xsimd", given);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 0, [](Data& d) { return bench::eigen::tanh_exp(d.n, d.x(0), a, b, c); });
#endif
}

template <class Math> void tanh_exp_gradient(bench::Contest& contest, const char* name, const Given& given) {
  add_peer(contest, name, given, 1,
           [](Data& d) { return hand::tanh_exp_gradient<Math>(d.n, d.x(0), a, b, c, d.y(0)); });
}
void tanh_exp_gradient_peers(bench::Contest& contest, const Given& given) {
  tanh_exp_gradient<hand::TenonMath>(contest, "loop", given);
  tanh_exp_gradient<hand::XsimdMath>(contest, "xsimd", given);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1,
           [](Data& d) { return bench::eigen::tanh_exp_gradient(d.n, d.x(0), a, b, c, d.y(0), d.y(1)); });
#endif
}
void prepare_tanh_exp_gradient(bench::Contest& contest, const Given& given) {
  add_gradient<1>(contest, given, formulas::tanh_exp);
  tanh_exp_gradient_peers(contest, given);
}
void prepare_tanh_exp_step(bench::Contest& contest, const Given& given) {
  add_step<1>(contest, given, formulas::tanh_exp);
  tanh_exp_gradient_peers(contest, given);
}

void prepare_exponential(bench::Contest& contest, const Given& given) {
  add_array<1>(contest, given, formulas::exponential);
  add_peer(contest, "loop", given, 1,
           [](Data& d) { return hand::exponential<hand::TenonMath>(d.n, d.x(0), d.y(0)), 0.0f; });
  add_peer(contest, "xsimd", given, 1,
           [](Data& d) { return hand::exponential<hand::XsimdMath>(d.n, d.x(0), d.y(0)), 0.0f; });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1, [](Data& d) { return bench::eigen::exponential(d.n, d.x(0), d.y(0)), 0.0f; });
#endif
}
void prepare_sigmoid(bench::Contest& contest, const Given& given) {
  add_array<1>(contest, given, formulas::sigmoid);
  add_peer(contest, "loop", given, 1,
           [](Data& d) { return hand::sigmoid<hand::TenonMath>(d.n, d.x(0), d.y(0)), 0.0f; });
  add_peer(contest, "xsimd", given, 1,
           [](Data& d) { return hand::sigmoid<hand::XsimdMath>(d.n, d.x(0), d.y(0)), 0.0f; });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1, [](Data& d) { return bench::eigen::sigmoid(d.n, d.x(0), d.y(0)), 0.0f; });
#endif
}
void prepare_gelu_tanh(bench::Contest& contest, const Given& given) {
  add_array<1>(contest, given, formulas::gelu_tanh);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1, [](Data& d) { return bench::eigen::gelu_tanh(d.n, d.x(0), d.y(0)), 0.0f; });
#endif
}

bool add_all() {
  const auto of_value = [](double times) { return std::vector{bench::at_most(times, "tenon, value")}; };
  add_chain("tanh(a x + b) c", 1, 1, prepare_tanh_affine);
  add_chain("sum of tanh(a x + b) c, value and gradient", 1, 1, prepare_tanh_affine_gradient);
  add_chain("sum(square(x w - x))", 2, 0, prepare_residual);
  add_chain("sum(square(x w - x)), value and gradient", 2, 2, prepare_residual_gradient, of_value(2.0));
  add_chain("sum(square(x w - x)), in a Step", 2, 2, prepare_residual_step, of_value(3.5));
  add_chain("relu(a x + b) c + x", 3, 1, prepare_arithmetic);
  add_chain("sum of relu(a x + b) c + x, value and gradient", 3, 3, prepare_arithmetic_gradient);
  add_chain("sum(tanh(a x + b) exp(c x))", 1, 0, prepare_tanh_exp);
  add_chain("sum(tanh(a x + b) exp(c x)), value and gradient", 1, 1, prepare_tanh_exp_gradient, of_value(1.3));
  add_chain("sum(tanh(a x + b) exp(c x)), in a Step", 1, 1, prepare_tanh_exp_step, of_value(1.3));
  add_chain("exp(x)", 1, 1, prepare_exponential, {bench::at_least(0.97)});
  add_chain("sigmoid(x)", 1, 1, prepare_sigmoid, {bench::at_least(0.97)});
  add_chain("gelu_tanh(x)", 1, 1, prepare_gelu_tanh, {bench::at_least(0.97)});
  return true;
}
const bool registered = add_all();

}  // namespace
