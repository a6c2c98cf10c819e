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

/// The inputs, shared by the contenders of a case.
struct Inputs {
  explicit Inputs(Index n) {
    for (std::uint64_t i = 0; i < 3; ++i) arrays[i] = bench::uniform<float>(n, i + 1, -2, 2);
  }
  std::vector<float> arrays[3];
};

using Given = std::shared_ptr<const Inputs>;

/// One contender's view of a case: the inputs x(i), and results y(i) of its own.
struct Data {
  Index n;
  Given inputs;
  std::vector<float> results[3];
  float sum = 0;
  const float* x(int i) const { return inputs->arrays[i].data(); }
  float* y(int i) {
    if (results[i].empty()) results[i].resize(static_cast<std::size_t>(n));
    return results[i].data();
  }
};

constexpr int not_compared = -1;  // a peer that does other work, for a ratio between the two

/// body(data) returns the sum, or 0 when the chain ends in an array; sum and `compared` results must agree.
template <class Body>
void add_peer(bench::Contest& contest, const char* name, const Given& inputs, int compared, Body body) {
  const auto n = static_cast<Index>(inputs->arrays[0].size());
  const auto data = std::make_shared<Data>(Data{n, inputs, {}});
  bench::Output output = [data, compared] {
    std::vector<double> all{static_cast<double>(data->sum) / static_cast<double>(data->n)};
    for (int i = 0; i < compared; ++i) all.insert(all.end(), data->results[i].begin(), data->results[i].end());
    return all;
  };
  contest.peer(
      name, [data, body] { return data->sum = body(*data); }, compared == not_compared ? bench::Output() : output);
}

/// One group, three sizes. Sums run over the terms in another order in each contender, hence the tolerance.
void add_chain(const std::string& group, double reads, double writes, void (*prepare)(bench::Contest&, const Given&)) {
  for (const Index n : {1024, 1 << 18, 1 << 24})
    bench::add({.group = group,
                .name = std::to_string(n),
                .work = {.bytes = 4 * static_cast<double>(n) * (reads + writes),
                         .traffic = writes > 0 ? bench::Traffic::triad : bench::Traffic::read},
                .tolerance = 1e-3,
                .prepare = [n, prepare](bench::Contest& contest) { prepare(contest, std::make_shared<Inputs>(n)); }});
}

template <class Math> void tanh_affine(bench::Contest& contest, const char* name, const Given& given) {
  add_peer(contest, name, given, 1,
           [](Data& d) { return hand::tanh_affine<Math>(d.n, d.x(0), a, b, c, d.y(0)), 0.0f; });
}
void prepare_tanh_affine(bench::Contest& contest, const Given& given) {
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
  tanh_affine_gradient<hand::TenonMath>(contest, "loop", given);
  tanh_affine_gradient<hand::XsimdMath>(contest, "xsimd", given);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1,
           [](Data& d) { return bench::eigen::tanh_affine_gradient(d.n, d.x(0), a, b, c, d.y(0)); });
#endif
}

void prepare_residual(bench::Contest& contest, const Given& given) {
  add_peer(contest, "loop", given, 0, [](Data& d) { return hand::residual(d.n, d.x(0), d.x(1)); });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 0, [](Data& d) { return bench::eigen::residual(d.n, d.x(0), d.x(1)); });
#endif
}
void prepare_residual_gradient(bench::Contest& contest, const Given& given) {
  add_peer(contest, "loop", given, 2,
           [](Data& d) { return hand::residual_gradient(d.n, d.x(0), d.x(1), d.y(0), d.y(1)); });
  add_peer(contest, "loop, value", given, not_compared, [](Data& d) { return hand::residual(d.n, d.x(0), d.x(1)); });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 2,
           [](Data& d) { return bench::eigen::residual_gradient(d.n, d.x(0), d.x(1), d.y(0), d.y(1)); });
#endif
}

void prepare_arithmetic(bench::Contest& contest, const Given& given) {
  add_peer(contest, "loop", given, 1,
           [](Data& d) { return hand::arithmetic(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0)), 0.0f; });
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1,
           [](Data& d) { return bench::eigen::arithmetic(d.n, d.x(0), a, d.x(1), d.x(2), d.y(0)), 0.0f; });
#endif
}
void prepare_arithmetic_gradient(bench::Contest& contest, const Given& given) {
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
void prepare_tanh_exp_gradient(bench::Contest& contest, const Given& given) {
  tanh_exp_gradient<hand::TenonMath>(contest, "loop", given);
  tanh_exp_gradient<hand::XsimdMath>(contest, "xsimd", given);
#if defined(TENON_BENCH_EIGEN)
  add_peer(contest, "Eigen", given, 1,
           [](Data& d) { return bench::eigen::tanh_exp_gradient(d.n, d.x(0), a, b, c, d.y(0), d.y(1)); });
#endif
}

bool add_all() {
  add_chain("tanh(a x + b) c", 1, 1, prepare_tanh_affine);
  add_chain("sum of tanh(a x + b) c, value and gradient", 1, 1, prepare_tanh_affine_gradient);
  add_chain("sum(square(x w - x))", 2, 0, prepare_residual);
  add_chain("sum(square(x w - x)), value and gradient", 2, 2, prepare_residual_gradient);
  add_chain("relu(a x + b) c + x", 3, 1, prepare_arithmetic);
  add_chain("sum of relu(a x + b) c + x, value and gradient", 3, 3, prepare_arithmetic_gradient);
  add_chain("sum(tanh(a x + b) exp(c x))", 1, 0, prepare_tanh_exp);
  add_chain("sum(tanh(a x + b) exp(c x)), value and gradient", 1, 1, prepare_tanh_exp_gradient);
  return true;
}
const bool registered = add_all();

}  // namespace
