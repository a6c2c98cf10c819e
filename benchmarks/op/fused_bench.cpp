// Five fused chains at three sizes against the fastest code whose error is at most twice tenon's: Eigen, xtensor, and
// loops written by hand, over SIMD lanes with tenon's functions and with xsimd's, and plain ones that the compiler
// vectorises over glibc's functions. x in [-6, 6].
#include <cmath>

#include "benchmarks/op/chain_data.hpp"
#include "benchmarks/op/formulas.hpp"
#include "benchmarks/peers/chains.hpp"
#include "benchmarks/peers/plain_chains.hpp"
#if defined(TENON_BENCH_EIGEN)
#include "benchmarks/peers/eigen_chains.hpp"
#endif
#if defined(TENON_BENCH_XTENSOR)
#include "benchmarks/peers/xtensor_chains.hpp"
#endif

namespace {

namespace hand = bench::hand;
namespace plain = bench::plain;
namespace formulas = bench::formulas;
using formulas::a, formulas::b, formulas::c;
using tenon::Index;
using namespace bench::chain;
constexpr double range = 6;

// ---- contenders -----------------------------------------------------------------------------------------------------

/// A peer that writes f(data, result).
template <class F> void add_writer(bench::Contest& contest, const char* name, const Given& given, F f) {
  add_peer(contest, name, given, 1, [f](Data& d) { return f(d, d.y(0)), 0.0f; });
}
/// element(i) in double, for what add_array and add_peer return.
template <class F> bench::Exact of_elements(F element, double floor) {
  return {[element](std::size_t i) { return i == 0 ? 0.0 : element(i - 1); }, floor};
}
double number(const Given& given, std::size_t array, std::size_t i) {
  return static_cast<double>(given->arrays[array].begin_unchecked()[i]);
}

// ---- chains ---------------------------------------------------------------------------------------------------------

/// Errors count in the last place of 1/4 where the result is smaller: near its root a x + b is what rounding left.
void prepare_tanh(bench::Contest& contest, const Given& given) {
  add_array<1>(contest, given, formulas::tanh_affine);
  add_writer(contest, "loop", given,
             [](Data& d, float* y) { hand::tanh_affine<hand::TenonMath>(d.n, d.x(0), a, b, c, y); });
  add_writer(contest, "xsimd", given,
             [](Data& d, float* y) { hand::tanh_affine<hand::XsimdMath>(d.n, d.x(0), a, b, c, y); });
  add_writer(contest, "plain", given, [](Data& d, float* y) { plain::tanh_affine(d.n, d.x(0), a, b, c, y); });
#if defined(TENON_BENCH_EIGEN)
  add_writer(contest, "Eigen", given, [](Data& d, float* y) { bench::eigen::tanh_affine(d.n, d.x(0), a, b, c, y); });
#endif
#if defined(TENON_BENCH_XTENSOR)
  add_writer(contest, "xtensor", given,
             [](Data& d, float* y) { bench::xtensor::tanh_affine(static_cast<std::size_t>(d.n), d.x(0), a, b, c, y); });
#endif
  contest.exact(of_elements(
      [given](std::size_t i) { return std::tanh(double{a} * number(given, 0, i) + double{b}) * double{c}; }, 0.25));
}

void prepare_arithmetic(bench::Contest& contest, const Given& given) {
  add_array<3>(contest, given, formulas::arithmetic);
  add_writer(contest, "loop", given, [](Data& d, float* y) { hand::arithmetic(d.n, d.x(0), a, d.x(1), d.x(2), y); });
  add_writer(contest, "plain", given, [](Data& d, float* y) { plain::arithmetic(d.n, d.x(0), a, d.x(1), d.x(2), y); });
#if defined(TENON_BENCH_EIGEN)
  add_writer(contest, "Eigen", given,
             [](Data& d, float* y) { bench::eigen::arithmetic(d.n, d.x(0), a, d.x(1), d.x(2), y); });
#endif
#if defined(TENON_BENCH_XTENSOR)
  add_writer(contest, "xtensor", given, [](Data& d, float* y) {
    bench::xtensor::arithmetic(static_cast<std::size_t>(d.n), d.x(0), a, d.x(1), d.x(2), y);
  });
#endif
  contest.exact(of_elements(
      [given](std::size_t i) {
        const double x = number(given, 0, i), u = double{a} * x + number(given, 1, i);
        return (u > 0 ? u : 0) * number(given, 2, i) + x;
      },
      16));
}

/// Errors count in the last place of 1 where the result is smaller: 1 + tanh cancels there.
void prepare_gelu(bench::Contest& contest, const Given& given) {
  add_array<1>(contest, given, formulas::gelu_tanh);
  add_writer(contest, "loop", given, [](Data& d, float* y) { hand::gelu_tanh<hand::TenonMath>(d.n, d.x(0), y); });
  add_writer(contest, "xsimd", given, [](Data& d, float* y) { hand::gelu_tanh<hand::XsimdMath>(d.n, d.x(0), y); });
  add_writer(contest, "plain", given, [](Data& d, float* y) { plain::gelu_tanh(d.n, d.x(0), y); });
#if defined(TENON_BENCH_EIGEN)
  add_writer(contest, "Eigen", given, [](Data& d, float* y) { bench::eigen::gelu_tanh(d.n, d.x(0), y); });
#endif
#if defined(TENON_BENCH_XTENSOR)
  add_writer(contest, "xtensor", given,
             [](Data& d, float* y) { bench::xtensor::gelu_tanh(static_cast<std::size_t>(d.n), d.x(0), y); });
#endif
  contest.exact(of_elements(
      [given](std::size_t i) {
        const double x = number(given, 0, i);
        return 0.5 * x * (1 + std::tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
      },
      1));
}

void prepare_sigmoid(bench::Contest& contest, const Given& given) {
  add_array<1>(contest, given, formulas::sigmoid);
  add_writer(contest, "loop", given, [](Data& d, float* y) { hand::sigmoid<hand::TenonMath>(d.n, d.x(0), y); });
  add_writer(contest, "xsimd", given, [](Data& d, float* y) { hand::sigmoid<hand::XsimdMath>(d.n, d.x(0), y); });
  add_writer(contest, "plain", given, [](Data& d, float* y) { plain::sigmoid(d.n, d.x(0), y); });
#if defined(TENON_BENCH_EIGEN)
  add_writer(contest, "Eigen", given, [](Data& d, float* y) { bench::eigen::sigmoid(d.n, d.x(0), y); });
  add_writer(contest, "Eigen logistic", given, [](Data& d, float* y) { bench::eigen::logistic(d.n, d.x(0), y); });
#endif
#if defined(TENON_BENCH_XTENSOR)
  add_writer(contest, "xtensor", given,
             [](Data& d, float* y) { bench::xtensor::sigmoid(static_cast<std::size_t>(d.n), d.x(0), y); });
#endif
  contest.exact(of_elements([given](std::size_t i) { return 1 / (1 + std::exp(-number(given, 0, i))); }, 0));
}

void prepare_exp(bench::Contest& contest, const Given& given) {
  add_array<1>(contest, given, formulas::exponential);
  add_writer(contest, "loop", given, [](Data& d, float* y) { hand::exponential<hand::TenonMath>(d.n, d.x(0), y); });
  add_writer(contest, "xsimd", given, [](Data& d, float* y) { hand::exponential<hand::XsimdMath>(d.n, d.x(0), y); });
  add_writer(contest, "plain", given, [](Data& d, float* y) { plain::exponential(d.n, d.x(0), y); });
#if defined(TENON_BENCH_EIGEN)
  add_writer(contest, "Eigen", given, [](Data& d, float* y) { bench::eigen::exponential(d.n, d.x(0), y); });
#endif
#if defined(TENON_BENCH_XTENSOR)
  add_writer(contest, "xtensor", given,
             [](Data& d, float* y) { bench::xtensor::exponential(static_cast<std::size_t>(d.n), d.x(0), y); });
#endif
  contest.exact(of_elements([given](std::size_t i) { return std::exp(number(given, 0, i)); }, 0));
}

void prepare_sum_exp(bench::Contest& contest, const Given& given) {
  const auto body = [given] { return given->pass_to<1>(formulas::sum_exp).item(); };
  contest.subject(body, [given, body] {
    std::vector<double> all;
    append_sum(all, body(), given->n);
    return all;
  });
  add_peer(contest, "loop", given, 0, [](Data& d) { return hand::sum_exp<hand::TenonMath>(d.n, d.x(0)); });
  add_peer(contest, "xsimd", given, 0, [](Data& d) { return hand::sum_exp<hand::XsimdMath>(d.n, d.x(0)); });
  add_peer(contest, "plain", given, 0, [](Data& d) { return plain::sum_exp(d.n, d.x(0)); });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 0, [](Data& d) { return bench::eigen::sum_exp(d.n, d.x(0)); });
#endif
#if defined(TENON_BENCH_XTENSOR)
  add_peer(contest, "xtensor", given, 0,
           [](Data& d) { return bench::xtensor::sum_exp(static_cast<std::size_t>(d.n), d.x(0)); });
#endif
  contest.exact({[given](std::size_t) {
                   double sum = 0;
                   for (std::size_t i = 0; i < static_cast<std::size_t>(given->n); ++i)
                     sum += std::exp(number(given, 0, i));
                   return sum / static_cast<double>(given->n);
                 },
                 0});
}

/// One group, three sizes: within L1, within L2 or L3, and beyond what caches are for. Sums run over the terms in another
/// order in each contender, and plainly in some of them: hence the tolerance.
void add(const std::string& group, double reads, double writes, double tolerance, double goal_of_large,
         void (*prepare)(bench::Contest&, const Given&)) {
  for (const Index n : {1 << 12, 1 << 18, 1 << 24})
    bench::add(
        {.group = "fused " + group,
         .name = n == 1 << 12   ? "4K"
                 : n == 1 << 18 ? "256K"
                                : "16M",
         .work = {.bytes = 4 * static_cast<double>(n) * (reads + writes),
                  .traffic = writes > 0 ? bench::Traffic::triad : bench::Traffic::read},
         .goals = {bench::at_least_as_exact(n == 1 << 24 ? goal_of_large : 0.97)},
         .tolerance = tolerance,
         .prepare = [n, prepare](bench::Contest& contest) { prepare(contest, std::make_shared<Inputs>(n, range)); }});
}

bool add_all() {
  add("tanh(a x + b) c", 1, 1, 1e-4, 1.2, prepare_tanh);
  add("relu(a x + b) c + x", 3, 1, 1e-4, 1.2, prepare_arithmetic);
  add("gelu_tanh(x)", 1, 1, 1e-4, 1.2, prepare_gelu);
  add("sigmoid(x)", 1, 1, 1e-4, 1.2, prepare_sigmoid);
  add("sum(exp(x))", 1, 0, 5e-2, 1.2, prepare_sum_exp);
  add("exp(x)", 1, 1, 1e-4, 1.2, prepare_exp);
  return true;
}
const bool registered = add_all();

}  // namespace
