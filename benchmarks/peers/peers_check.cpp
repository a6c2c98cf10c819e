// The peers are right: gradients against central differences in double, loops against plain loops in long double.
// Prints one line a claim and fails when one does not hold.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "benchmarks/peers/chains.hpp"
#include "benchmarks/peers/inputs.hpp"
#if defined(TENON_BENCH_EIGEN)
#include "benchmarks/peers/eigen_chains.hpp"
#include "benchmarks/peers/eigen_mlp.hpp"
#endif

namespace {

using bench::uniform;
using Vector = std::vector<double>;
constexpr tenon::Index n = 48;
constexpr double a = 0.7, b = -0.2, c = 1.3;
int failures = 0;

void claim(const char* what, double error, double bound) {
  const bool holds = error <= bound;
  std::printf("%s %-48s error %.1e, bound %.1e\n", holds ? "ok  " : "FAIL", what, error, bound);
  if (!holds) ++failures;
}

double difference(const Vector& x, const Vector& y) {
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(x[i] - y[i]));
  return largest;
}

/// df/dx by central differences.
template <class F> Vector slope(F f, Vector& x) {
  constexpr double h = 1e-5;
  Vector g(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double kept = x[i];
    x[i] = kept + h;
    const double up = f();
    x[i] = kept - h;
    g[i] = (up - f()) / (2 * h);
    x[i] = kept;
  }
  return g;
}

struct Inputs {
  Vector x = uniform<double>(n, 1, -2, 2), w = uniform<double>(n, 2, -2, 2), z = uniform<double>(n, 3, -2, 2);
  Vector dx = Vector(n), dw = Vector(n), dz = Vector(n), scratch = Vector(n);
};

/// Term by term in long double, from the definitions at the head of chains.hpp.
template <class Term> double plain_sum(Term term) {
  long double sum = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) sum += term(i);
  return static_cast<double>(sum);
}
double plain_tanh_affine(const Inputs& v) {
  return plain_sum([&](std::size_t i) { return std::tanh(a * static_cast<long double>(v.x[i]) + b) * c; });
}
double plain_residual(const Inputs& v) {
  return plain_sum([&](std::size_t i) {
    const long double u = static_cast<long double>(v.x[i]) * v.w[i] - v.x[i];
    return u * u;
  });
}
double plain_arithmetic(const Inputs& v) {
  return plain_sum(
      [&](std::size_t i) { return std::max(0.0L, a * static_cast<long double>(v.x[i]) + v.w[i]) * v.z[i] + v.x[i]; });
}
double plain_tanh_exp(const Inputs& v) {
  return plain_sum([&](std::size_t i) {
    const long double x = v.x[i];
    return std::tanh(a * x + b) * std::exp(c * x);
  });
}
double plain_exponential(const Inputs& v) {
  return plain_sum([&](std::size_t i) { return std::exp(static_cast<long double>(v.x[i])); });
}
double plain_sigmoid(const Inputs& v) {
  return plain_sum([&](std::size_t i) { return 1 / (1 + std::exp(-static_cast<long double>(v.x[i]))); });
}
#if defined(TENON_BENCH_EIGEN)
double plain_gelu_tanh(const Inputs& v) {
  return plain_sum([&](std::size_t i) {
    const long double x = v.x[i];
    return x / 2 * (1 + std::tanh(0.797884560802865355879892L * (x + 0.044715L * x * x * x)));
  });
}
#endif
double sum_of(const Vector& y) {
  return plain_sum([&](std::size_t i) { return static_cast<long double>(y[i]); });
}

template <class Math> void check_chains() {
  namespace hand = bench::hand;
  Inputs v;
  constexpr double value = 1e-12, gradient = 1e-8;
  const auto p = [](Vector& y) { return y.data(); };
  hand::tanh_affine<Math>(n, p(v.x), a, b, c, p(v.dx));
  claim("tanh_affine: value", std::abs(sum_of(v.dx) - plain_tanh_affine(v)), value);
  claim("tanh_affine: sum",
        std::abs(hand::tanh_affine_gradient<Math>(n, p(v.x), a, b, c, p(v.dx)) - plain_tanh_affine(v)), value);
  claim("tanh_affine: dx", difference(v.dx, slope([&] { return plain_tanh_affine(v); }, v.x)), gradient);

  claim("residual: value", std::abs(hand::residual(n, p(v.x), p(v.w)) - plain_residual(v)), value);
  claim("residual: sum", std::abs(hand::residual_gradient(n, p(v.x), p(v.w), p(v.dx), p(v.dw)) - plain_residual(v)),
        value);
  claim("residual: dx", difference(v.dx, slope([&] { return plain_residual(v); }, v.x)), gradient);
  claim("residual: dw", difference(v.dw, slope([&] { return plain_residual(v); }, v.w)), gradient);

  hand::arithmetic(n, p(v.x), a, p(v.w), p(v.z), p(v.dx));
  claim("arithmetic: value", std::abs(sum_of(v.dx) - plain_arithmetic(v)), value);
  const double sum = hand::arithmetic_gradient(n, p(v.x), a, p(v.w), p(v.z), p(v.dx), p(v.dw), p(v.dz));
  claim("arithmetic: sum", std::abs(sum - plain_arithmetic(v)), value);
  claim("arithmetic: dx", difference(v.dx, slope([&] { return plain_arithmetic(v); }, v.x)), gradient);
  claim("arithmetic: db", difference(v.dw, slope([&] { return plain_arithmetic(v); }, v.w)), gradient);
  claim("arithmetic: dc", difference(v.dz, slope([&] { return plain_arithmetic(v); }, v.z)), gradient);

  claim("tanh_exp: value", std::abs(hand::tanh_exp<Math>(n, p(v.x), a, b, c) - plain_tanh_exp(v)), value * 100);
  claim("tanh_exp: sum", std::abs(hand::tanh_exp_gradient<Math>(n, p(v.x), a, b, c, p(v.dx)) - plain_tanh_exp(v)),
        value * 100);
  claim("tanh_exp: dx", difference(v.dx, slope([&] { return plain_tanh_exp(v); }, v.x)), gradient);

  hand::exponential<Math>(n, p(v.x), p(v.dx));
  claim("exponential: value", std::abs(sum_of(v.dx) - plain_exponential(v)), value);
  hand::sigmoid<Math>(n, p(v.x), p(v.dx));
  claim("sigmoid: value", std::abs(sum_of(v.dx) - plain_sigmoid(v)), value);
}

#if defined(TENON_BENCH_EIGEN)
void check_eigen_chains() {
  namespace eigen = bench::eigen;
  Inputs v;
  constexpr double value = 1e-12, gradient = 1e-8;
  const auto p = [](Vector& y) { return y.data(); };
  eigen::tanh_affine(n, p(v.x), a, b, c, p(v.dx));
  claim("Eigen tanh_affine: value", std::abs(sum_of(v.dx) - plain_tanh_affine(v)), value);
  claim("Eigen tanh_affine: sum",
        std::abs(eigen::tanh_affine_gradient(n, p(v.x), a, b, c, p(v.dx)) - plain_tanh_affine(v)), value);
  claim("Eigen tanh_affine: dx", difference(v.dx, slope([&] { return plain_tanh_affine(v); }, v.x)), gradient);
  claim("Eigen residual: value", std::abs(eigen::residual(n, p(v.x), p(v.w)) - plain_residual(v)), value);
  claim("Eigen residual: sum",
        std::abs(eigen::residual_gradient(n, p(v.x), p(v.w), p(v.dx), p(v.dw)) - plain_residual(v)), value);
  claim("Eigen residual: dx", difference(v.dx, slope([&] { return plain_residual(v); }, v.x)), gradient);
  claim("Eigen residual: dw", difference(v.dw, slope([&] { return plain_residual(v); }, v.w)), gradient);
  eigen::arithmetic(n, p(v.x), a, p(v.w), p(v.z), p(v.dx));
  claim("Eigen arithmetic: value", std::abs(sum_of(v.dx) - plain_arithmetic(v)), value);
  const double sum = eigen::arithmetic_gradient(n, p(v.x), a, p(v.w), p(v.z), p(v.dx), p(v.dw), p(v.dz));
  claim("Eigen arithmetic: sum", std::abs(sum - plain_arithmetic(v)), value);
  claim("Eigen arithmetic: dx", difference(v.dx, slope([&] { return plain_arithmetic(v); }, v.x)), gradient);
  claim("Eigen arithmetic: db", difference(v.dw, slope([&] { return plain_arithmetic(v); }, v.w)), gradient);
  claim("Eigen arithmetic: dc", difference(v.dz, slope([&] { return plain_arithmetic(v); }, v.z)), gradient);
  claim("Eigen tanh_exp: value", std::abs(eigen::tanh_exp(n, p(v.x), a, b, c) - plain_tanh_exp(v)), value * 100);
  const double both = eigen::tanh_exp_gradient(n, p(v.x), a, b, c, p(v.dx), p(v.scratch));
  claim("Eigen tanh_exp: sum", std::abs(both - plain_tanh_exp(v)), value * 100);
  claim("Eigen tanh_exp: dx", difference(v.dx, slope([&] { return plain_tanh_exp(v); }, v.x)), gradient);
  eigen::exponential(n, p(v.x), p(v.dx));
  claim("Eigen exponential: value", std::abs(sum_of(v.dx) - plain_exponential(v)), value);
  eigen::sigmoid(n, p(v.x), p(v.dx));
  claim("Eigen sigmoid: value", std::abs(sum_of(v.dx) - plain_sigmoid(v)), value);
  eigen::gelu_tanh(n, p(v.x), p(v.dx));
  claim("Eigen gelu_tanh: value", std::abs(sum_of(v.dx) - plain_gelu_tanh(v)), value);
}

/// A step with rate 1 moves each parameter by its gradient; a step with rate 0 returns the loss and moves nothing.
template <class Net, class Target> void check_mlp(const char* name, const Target& target, int stride) {
  Net net;
  bench::fill_parameters(net, 7);
  const Vector images = uniform<double>(Net::batch * Net::inputs, 8, -1, 1);
  const typename Net::Input x = Eigen::Map<const bench::eigen::MatrixOf<double, false, Net::batch, Net::inputs>>(
      images.data(), Net::batch, Net::inputs);
  Net moved = net;
  moved.step(x, target, 1.0);
  Vector before, after;
  net.parameters([&](auto& w, auto& bias) { bench::append(before, w), bench::append(before, bias); });
  moved.parameters([&](auto& w, auto& bias) { bench::append(after, w), bench::append(after, bias); });

  double worst = 0;
  std::size_t at = 0;
  const auto check = [&](double& parameter) {
    const std::size_t i = at++;
    if (i % static_cast<std::size_t>(stride) != 0) return;
    constexpr double h = 1e-5;
    const double kept = parameter;
    parameter = kept + h;
    const double up = net.step(x, target, 0.0);
    parameter = kept - h;
    const double down = net.step(x, target, 0.0);
    parameter = kept;
    worst = std::max(worst, std::abs((up - down) / (2 * h) - (before[i] - after[i])));
  };
  net.parameters([&](auto& w, auto& bias) {
    for (double* p = w.data(); p != w.data() + w.size(); ++p) check(*p);
    for (double* p = bias.data(); p != bias.data() + bias.size(); ++p) check(*p);
  });
  claim(name, worst, 1e-7);
}

void check_mlps() {
  using namespace bench::eigen;
  const Vector y = uniform<double>(32, 9, -1, 1);
  const Eigen::Map<const Eigen::Matrix<double, 32, 1>> target(y.data());
  check_mlp<TinyMlp<double>>("4-32-32-1 step, fixed extents: gradient", target, 1);
  check_mlp<TinyMlpDynamic<double>>("4-32-32-1 step, dynamic extents: gradient", target, 1);
  std::vector<int> labels;
  for (int i = 0; i < 64; ++i) labels.push_back(i * 7 % 10);
  check_mlp<ImageMlp<double, 64>>("784-256-128-10 step, batch 64: gradient", labels.data(), 997);
  check_mlp<ImageMlp<double, 1>>("784-256-128-10 step, batch 1: gradient", labels.data(), 97);
}
#endif

}  // namespace

int main() {
  check_chains<bench::hand::XsimdMath>();
  check_chains<bench::hand::TenonMath>();
#if defined(TENON_BENCH_EIGEN)
  check_eigen_chains();
  check_mlps();
#endif
  std::printf("%s\n", failures == 0 ? "all peers are right" : "a peer is wrong");
  return failures == 0 ? 0 : 1;
}
