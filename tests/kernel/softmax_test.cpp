// Lines of softmax, log-softmax and logsumexp against loops in long double.
#include "tenon/kernel/softmax.hpp"

#include <cmath>
#include <vector>

#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

/// n numbers between -4 and 4, `stride` apart.
template <class T> std::vector<T> line(Index n, Index stride) {
  std::vector<T> x(static_cast<std::size_t>(n * stride), T(-77));
  for (Index i = 0; i < n; ++i) x[static_cast<std::size_t>(i * stride)] = static_cast<T>(i * 7 % 17) / 2 - 4;
  return x;
}
/// log(sum(exp(x))), by its definition.
template <class T> long double log_sum(const std::vector<T>& x, Index n, Index stride) {
  long double sum = 0;
  for (Index i = 0; i < n; ++i) sum += std::exp(static_cast<long double>(x[static_cast<std::size_t>(i * stride)]));
  return std::log(sum);
}

}  // namespace

TEMPLATE_TEST_CASE("softmax lines: values, of any length and stride", "[kernel][softmax]", float, double) {
  using T = TestType;
  const double near = sizeof(T) == 4 ? 1e-6 : 1e-14;
  for (const Index stride : {1, 3})
    for (Index n = 1; n < 40; ++n) {
      const auto x = line<T>(n, stride);
      std::vector<T> y(x.size()), z(x.size());
      const long double l = log_sum(x, n, stride);
      tn::kernel::softmax(n, x.data(), stride, y.data(), stride);
      tn::kernel::log_softmax(n, x.data(), stride, z.data(), stride);
      CHECK(static_cast<double>(tn::kernel::line_logsumexp(n, x.data(), stride)) ==
            Approx(static_cast<double>(l)).epsilon(near));
      for (Index i = 0; i < n; ++i) {
        const auto u = static_cast<std::size_t>(i * stride);
        const auto want = static_cast<double>(static_cast<long double>(x[u]) - l);
        CHECK(static_cast<double>(z[u]) == Approx(want).margin(8 * near));
        CHECK(static_cast<double>(y[u]) == Approx(std::exp(want)).epsilon(8 * near));
      }
    }
}

TEMPLATE_TEST_CASE("line_max: the largest anywhere, NaN anywhere", "[kernel][softmax]", float, double) {
  using T = TestType;
  for (const Index stride : {1, 2})
    for (Index n = 1; n < 40; ++n)
      for (Index at = 0; at < n; ++at) {
        auto x = line<T>(n, stride);
        x[static_cast<std::size_t>(at * stride)] = T(9);
        CHECK(tn::kernel::line_max(n, x.data(), stride) == T(9));
        x[static_cast<std::size_t>(at * stride)] = T(NAN);
        CHECK(std::isnan(tn::kernel::line_max(n, x.data(), stride)));
      }
}

TEMPLATE_TEST_CASE("softmax lines: backward stores, or adds to what is there", "[kernel][softmax]", float, double) {
  using T = TestType;
  const double near = sizeof(T) == 4 ? 1e-5 : 1e-13;
  const Index n = 13, stride = 2;
  const auto x = line<T>(n, stride), dy = line<T>(n, stride);
  std::vector<T> y(x.size()), z(x.size());
  tn::kernel::softmax(n, x.data(), stride, y.data(), stride);
  tn::kernel::log_softmax(n, x.data(), stride, z.data(), stride);
  const long double l = log_sum(x, n, stride);
  long double dot = 0, sum = 0;
  for (std::size_t u = 0; u < x.size(); u += 2) {
    dot += static_cast<long double>(dy[u]) * std::exp(static_cast<long double>(x[u]) - l);
    sum += static_cast<long double>(dy[u]);
  }
  for (const tn::Write mode : {tn::Write::store, tn::Write::add}) {
    std::vector<T> dx(x.size(), T(2)), dx_log(x.size(), T(2));
    tn::kernel::softmax_backward(n, y.data(), dy.data(), dx.data(), stride, mode);
    tn::kernel::log_softmax_backward(n, z.data(), dy.data(), dx_log.data(), stride, mode);
    const long double before = mode == tn::Write::add ? 2 : 0;
    for (std::size_t u = 0; u < x.size(); u += 2) {
      const long double p = std::exp(static_cast<long double>(x[u]) - l), g = static_cast<long double>(dy[u]);
      CHECK(static_cast<double>(dx[u]) == Approx(static_cast<double>(before + p * (g - dot))).margin(near));
      CHECK(static_cast<double>(dx_log[u]) == Approx(static_cast<double>(before + g - p * sum)).margin(near));
    }
  }
}
