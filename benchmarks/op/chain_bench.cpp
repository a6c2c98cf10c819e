// Elementwise chains, value alone and value with gradient: tenon's fused expressions against the loops that a hand
// would write over SIMD lanes (with tenon's tanh and exp, so that the loop is judged; and with xsimd's) and Eigen.
// The chains are defined in peers/chains.hpp. Sizes: within L1, within L2 or L3, and far beyond every cache.
#include <memory>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/chains.hpp"
#include "benchmarks/peers/inputs.hpp"
#if defined(TENON_BENCH_EIGEN)
#include "benchmarks/peers/eigen_chains.hpp"
#endif

namespace {

namespace hand = bench::hand;
using tenon::Index;
constexpr float a = 0.7f, b = -0.2f, c = 1.3f;

/// Three inputs and room for three results and a number: one each for every contender.
struct Data {
  explicit Data(Index n) : n(n) {
    for (std::uint64_t i = 0; i < 3; ++i) in[i] = bench::uniform<float>(n, i + 1, -2, 2);
    for (auto& array : out) array.resize(static_cast<std::size_t>(n));
  }
  Index n;
  std::vector<float> in[3], out[3];
  float sum = 0;
  const float* x(int i) const { return in[i].data(); }
  float* y(int i) { return out[i].data(); }
};

/// body(data) returns the sum, or 0 when the chain ends in an array; `arrays` results are compared with it.
template <class Body>
void add_peer(bench::Contest& contest, const char* name, Index n, int arrays, Body body) {
  const auto data = std::make_shared<Data>(n);
  contest.peer(
      name, [data, body] { return data->sum = body(*data); },
      [data, arrays] {
        std::vector<double> all{static_cast<double>(data->sum) / static_cast<double>(data->n)};
        for (int i = 0; i < arrays; ++i) all.insert(all.end(), data->out[i].begin(), data->out[i].end());
        return all;
      });
}

/// Sums run over `n` terms in another order in each contender, hence the tolerance.
void add_chain(std::string group, Index n, double reads, double writes, void (*prepare)(bench::Contest&, Index)) {
  const double bytes = 4 * static_cast<double>(n) * (reads + writes);
  bench::add({.group = std::move(group),
              .name = std::to_string(n),
              .work = {.bytes = bytes, .traffic = writes > 0 ? bench::Traffic::triad : bench::Traffic::read},
              .tolerance = 1e-3,
              .prepare = [n, prepare](bench::Contest& contest) { prepare(contest, n); }});
}

template <class Math>
void tanh_affine(bench::Contest& contest, const char* name, Index n) {
  add_peer(contest, name, n, 1,
           [](Data& d) { return hand::tanh_affine<Math>(d.n, d.x(0), a, b, c, d.y(0)), 0.0f; });
}
void prepare_tanh_affine(bench::Contest& contest, Index n) {
  tanh_affine<hand::TenonMath>(contest, "loop", n);
  tanh_affine<hand::XsimdMath>(contest, "xsimd", n);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", n, 1,
           [](Data& d) { return bench::eigen::tanh_affine(d.n, d.x(0), a, b, c, d.y(0)), 0.0f; });
#endif
}

template <class Math>
void tanh_affine_gradient(bench::Contest& contest, const char* name, Index n) {
  add_peer(contest, name, n, 1,
           [](Data& d) { return hand::tanh_affine_gradient<Math>(d.n, d.x(0), a, b, c, d.y(0)); });
}
void prepare_tanh_affine_gradient(bench::Contest& contest, Index n) {
  tanh_affine_gradient<hand::TenonMath>(contest, "loop", n);
  tanh_affine_gradient<hand::XsimdMath>(contest, "xsimd", n);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", n, 1,
           [](Data& d) { return bench::eigen::tanh_affine_gradient(d.n, d.x(0), a, b, c, d.y(0)); });
#endif
}

void prepare_residual(bench::Contest& contest, Index n) {
  add_peer(contest, "loop", n, 0, [](Data& d) { return hand::residual(d.n, d.x(0), d.x(1)); });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", n, 0, [](Data& d) { return bench::eigen::residual(d.n, d.x(0), d.x(1)); });
#endif
}
void prepare_residual_gradient(bench::Contest& contest, Index n) {
  add_peer(contest, "loop", n, 2,
           [](Data& d) { return hand::residual_gradient(d.n, d.x(0), d.x(1), d.y(0), d.y(1)); });
  add_peer(contest, "loop, value", n, 0, [](Data& d) { return hand::residual(d.n, d.x(0), d.x(1)); });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", n, 2,
           [](Data& d) { return bench::eigen::residual_gradient(d.n, d.x(0), d.x(1), d.y(0), d.y(1)); });
#endif
}

void prepare_arithmetic(bench::Contest& contest, Index n) {
  add_peer(contest, "loop", n, 1,
           [](Data& d) { return hand::arithmetic(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0)), 0.0f; });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", n, 1,
           [](Data& d) { return bench::eigen::arithmetic(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0)), 0.0f; });
#endif
}
void prepare_arithmetic_gradient(bench::Contest& contest, Index n) {
  add_peer(contest, "loop", n, 3, [](Data& d) {
    return hand::arithmetic_gradient(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0), d.y(1), d.y(2));
  });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", n, 3, [](Data& d) {
    return bench::eigen::arithmetic_gradient(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0), d.y(1), d.y(2));
  });
#endif
}

template <class Math>
void tanh_exp(bench::Contest& contest, const char* name, Index n) {
  add_peer(contest, name, n, 0, [](Data& d) { return hand::tanh_exp<Math>(d.n, d.x(0), a, b, c); });
}
void prepare_tanh_exp(bench::Contest& contest, Index n) {
  tanh_exp<hand::TenonMath>(contest, "loop", n);
  tanh_exp<hand::XsimdMath>(contest, "xsimd", n);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", n, 0, [](Data& d) { return bench::eigen::tanh_exp(d.n, d.x(0), a, b, c); });
#endif
}

template <class Math>
void tanh_exp_gradient(bench::Contest& contest, const char* name, Index n) {
  add_peer(contest, name, n, 1, [](Data& d) { return hand::tanh_exp_gradient<Math>(d.n, d.x(0), a, b, c, d.y(0)); });
}
void prepare_tanh_exp_gradient(bench::Contest& contest, Index n) {
  tanh_exp_gradient<hand::TenonMath>(contest, "loop", n);
  tanh_exp_gradient<hand::XsimdMath>(contest, "xsimd", n);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", n, 1,
           [](Data& d) { return bench::eigen::tanh_exp_gradient(d.n, d.x(0), a, b, c, d.y(0), d.y(1)); });
#endif
}

bool add_all() {
  for (const Index n : {1024, 1 << 18, 1 << 24}) {
    add_chain("tanh(a x + b) c", n, 1, 1, prepare_tanh_affine);
    add_chain("sum of tanh(a x + b) c, value and gradient", n, 1, 1, prepare_tanh_affine_gradient);
    add_chain("sum(square(x w - x))", n, 2, 0, prepare_residual);
    add_chain("sum(square(x w - x)), value and gradient", n, 2, 2, prepare_residual_gradient);
    add_chain("relu(a x + b) c + x", n, 3, 1, prepare_arithmetic);
    add_chain("sum of relu(a x + b) c + x, value and gradient", n, 3, 3, prepare_arithmetic_gradient);
    add_chain("sum(tanh(a x + b) exp(c x))", n, 1, 0, prepare_tanh_exp);
    add_chain("sum(tanh(a x + b) exp(c x)), value and gradient", n, 1, 1, prepare_tanh_exp_gradient);
  }
  return true;
}
const bool registered = add_all();

}  // namespace
