// Lines of softmax, log-softmax and logsumexp against loops in long double.
#include "tenon/kernel/softmax.hpp"

#include <cmath>
#include <limits>
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

/// Both softmaxes and their gradients: lines without gaps, or columns of a matrix with `columns` of them, row by row.
template <class T> struct Softmaxes {
  Index n, columns;
  std::vector<T> y, log_y, dx, log_dx;

  Softmaxes(Index length, Index side_by_side, const std::vector<T>& x, const std::vector<T>& dy, tn::Write mode)
      : n(length), columns(side_by_side), y(x.size()), log_y(x.size()), dx(x.size(), T(2)), log_dx(x.size(), T(2)) {
    using namespace tn::kernel;
    if (columns == 1) {
      softmax(n, x.data(), y.data());
      log_softmax(n, x.data(), log_y.data());
      softmax_backward(n, y.data(), dy.data(), dx.data(), mode);
      log_softmax_backward(n, log_y.data(), dy.data(), log_dx.data(), mode);
    } else {
      const Columns<T> c{n, columns, columns};
      c.softmax(x.data(), y.data());
      c.log_softmax(x.data(), log_y.data());
      c.softmax_backward(y.data(), dy.data(), dx.data(), mode);
      c.log_softmax_backward(log_y.data(), dy.data(), log_dx.data(), mode);
    }
  }
  /// Compares column c with the definitions.
  bool agrees(Index c, const std::vector<T>& x, const std::vector<T>& dy, tn::Write mode) const {
    const long double tolerance = 16 * std::numeric_limits<T>::epsilon(), before = mode == tn::Write::add ? 2 : 0;
    auto at = [&](Index i) { return static_cast<std::size_t>(i * columns + c); };
    long double total = 0, dot = 0, sum = 0;
    for (Index i = 0; i < n; ++i) total += std::exp(static_cast<long double>(x[at(i)]));
    const long double l = std::log(total);
    for (Index i = 0; i < n; ++i) {
      dot += dy[at(i)] * std::exp(x[at(i)] - l);
      sum += dy[at(i)];
    }
    bool good = true;
    auto near = [&](T a, long double want) { good = good && std::abs(a - want) <= tolerance * (1 + std::abs(want)); };
    for (Index i = 0; i < n; ++i) {
      const long double p = std::exp(x[at(i)] - l);
      near(y[at(i)], p);
      near(log_y[at(i)], x[at(i)] - l);
      near(dx[at(i)], before + p * (dy[at(i)] - dot));
      near(log_dx[at(i)], before + dy[at(i)] - p * sum);
    }
    return good;
  }
};

}  // namespace

TEMPLATE_TEST_CASE("softmax lines: values and gradients, alone and side by side", "[kernel][softmax]", float, double) {
  using T = TestType;
  for (const Index columns : {1, 2, 19, 256})
    for (const Index n : {1, 2, 7, 16, 33, 70}) {
      const auto mode = n % 2 ? tn::Write::add : tn::Write::store;
      auto x = line<T>(n * columns, 1), dy = line<T>(n * columns, 1);
      for (auto& g : dy) g = g / 4 + T(0.3);
      const Softmaxes<T> s(n, columns, x, dy, mode);
      bool good = true;
      for (Index c = 0; c < columns; ++c) good = good && s.agrees(c, x, dy, mode);
      INFO(columns << " lines of " << n);
      CHECK(good);
    }
}

TEMPLATE_TEST_CASE("line_logsumexp: of any length and stride", "[kernel][softmax]", float, double) {
  using T = TestType;
  for (const Index stride : {1, 3})
    for (Index n = 1; n < 40; ++n) {
      const auto x = line<T>(n, stride);
      CHECK(static_cast<double>(tn::kernel::line_logsumexp(n, x.data(), stride)) ==
            Approx(static_cast<double>(log_sum(x, n, stride))).epsilon(sizeof(T) == 4 ? 1e-6 : 1e-14));
    }
}

TEMPLATE_TEST_CASE("line_max: the largest anywhere, NaN anywhere", "[kernel][softmax]", float, double) {
  using T = TestType;
  for (const Index stride : {1, 2})
    for (Index n = 1; n < 100; ++n)
      for (Index at = 0; at < n; ++at) {
        auto x = line<T>(n, stride);
        x[static_cast<std::size_t>(at * stride)] = T(9);
        CHECK(tn::kernel::line_max(n, x.data(), stride) == T(9));
        x[static_cast<std::size_t>(at * stride)] = T(NAN);
        CHECK(std::isnan(tn::kernel::line_max(n, x.data(), stride)));
      }
}
