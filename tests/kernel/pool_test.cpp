#include "tenon/kernel/pool.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "tests/catch.hpp"

namespace {
using tenon::Index;
using tenon::Matrix;
using tenon::kernel::PoolWindows;

/// Outputs of windows that slide over n elements.
PoolWindows sliding(Index n, Index size, Index stride, Index padding) {
  return {n, (n + 2 * padding - size) / stride + 1, size, stride, padding};
}
template <class T> bool same(T a, T b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Numbers with many equal ones; every 31st element is NaN and every 17th infinite when `odd` asks for it.
template <class T> std::vector<T> numbers(Index n, bool odd) {
  std::vector<T> x(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<T>(i * 7919 % 13) - T(6);
    if (odd && i % 17 == 3) x[i] = (i % 2 ? T(1) : T(-1)) * std::numeric_limits<T>::infinity();
    if (odd && i % 31 == 5) x[i] = std::numeric_limits<T>::quiet_NaN();
  }
  return x;
}

/// The plane lies in rows of width + 3 elements; values, positions and both kinds of gradient against plain loops.
template <class T> void check_max(const PoolWindows& rows, const PoolWindows& columns, bool odd) {
  INFO(rows.inputs << " x " << columns.inputs << ", windows of " << rows.size << " x " << columns.size);
  const Index h = rows.inputs, w = columns.inputs, row = w + 3, n = rows.outputs * columns.outputs;
  const auto x = numbers<T>(h == 0 ? 0 : (h - 1) * row + w, odd);
  const auto u = static_cast<std::size_t>(n);
  std::vector<T> y(u + 1, T(77));
  std::vector<std::int32_t> at(u + 1, -77);
  tenon::kernel::max_pool<T>(rows, columns, Matrix<const T>{x.data(), {h, w}, {row, 1}}, y.data(), at.data());
  std::vector<T> dy(u), dx(static_cast<std::size_t>(h * w + 1), T(5)), want(dx.size(), T(0));
  Index wrong = 0;
  for (Index p = 0; p < rows.outputs; ++p)
    for (Index q = 0; q < columns.outputs; ++q) {
      const auto k = static_cast<std::size_t>(p * columns.outputs + q);
      const auto [top, bottom] = rows.of(p);
      const auto [left, right] = columns.of(q);
      T most = x[static_cast<std::size_t>(top * row + left)];
      Index place = top * w + left;
      for (Index i = top; i < bottom; ++i)
        for (Index j = left; j < right; ++j)
          if (const T v = x[static_cast<std::size_t>(i * row + j)]; v > most || std::isnan(v))
            most = v, place = i * w + j;
      wrong += !same(y[k], most) || at[k] != place;
      dy[k] = static_cast<T>(k % 5 + 1);
      want[static_cast<std::size_t>(place)] += dy[k];
    }
  CHECK(wrong == 0);
  CHECK((y[u] == T(77) && at[u] == -77));
  const auto differs = [&](T before) {
    Index n_wrong = dx.back() != T(5);
    for (std::size_t i = 0; i + 1 < dx.size(); ++i) n_wrong += dx[i] != want[i] + before;
    return n_wrong;
  };
  tenon::kernel::max_pool_backward(rows, columns, dy.data(), at.data(), dx.data(), true);
  CHECK(differs(T(5)) == 0);
  tenon::kernel::max_pool_backward(rows, columns, dy.data(), at.data(), dx.data(), false);
  CHECK(differs(T(0)) == 0);
}
template <class T> void check_all() {
  for (const bool odd : {false, true}) {
    for (const Index w : {2, 3, 4, 7, 8, 9, 10, 15, 16, 17, 24, 28, 31, 32, 33, 40, 65})
      check_max<T>(sliding(5, 2, 2, 0), sliding(w, 2, 2, 0), odd);
    check_max<T>(sliding(9, 3, 2, 1), sliding(20, 2, 2, 0), odd);  // pairs of columns, three rows
    check_max<T>(sliding(9, 2, 1, 0), sliding(21, 2, 2, 0), odd);  // rows overlap
    check_max<T>(sliding(9, 2, 3, 0), sliding(11, 2, 2, 0), odd);  // rows between windows
    check_max<T>(sliding(7, 3, 2, 1), sliding(9, 3, 2, 1), odd);
    check_max<T>(sliding(1, 1, 2, 0), sliding(6, 2, 2, 0), odd);
  }
}
}  // namespace

TEST_CASE("max_pool: values, positions and gradients follow plain loops", "[kernel][pool]") {
  check_all<float>();
  check_all<double>();
}
