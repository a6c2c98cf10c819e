// Layer norm and root-mean-square norm of rows against loops in long double.
#include "tenon/kernel/norm.hpp"

#include <vector>

#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

using Wide = std::vector<long double>;
std::size_t at(Index i) { return static_cast<std::size_t>(i); }
template <class T> std::vector<T> numbers(Index n, int seed, double shift = 0) {
  std::vector<T> x;
  for (Index i = 0; i < n; ++i) x.push_back(static_cast<T>(std::sin(1.7 * static_cast<double>(i) + seed) + shift));
  return x;
}
/// The definitions, of one row.
struct Truth {
  Wide y, h, dx;
  template <class T>
  Truth(bool centred, Index n, const T* x, const T* w, const T* b, const T* dy, long double epsilon)
      : y(at(n)), h(at(n)), dx(at(n)) {
    long double mean = 0, square = 0, g = 0, gh = 0;
    for (Index j = 0; j < n && centred; ++j) mean += static_cast<long double>(x[j]) / n;
    for (Index j = 0; j < n; ++j) square += (x[j] - mean) * (x[j] - mean) / n;
    const long double s = 1 / std::sqrt(square + epsilon);
    for (Index j = 0; j < n; ++j) {
      h[at(j)] = (x[j] - mean) * s;
      y[at(j)] = h[at(j)] * w[j] + (centred ? b[j] : 0);
      g += static_cast<long double>(dy[j]) * w[j] / n;
      gh += static_cast<long double>(dy[j]) * w[j] * h[at(j)] / n;
    }
    for (Index j = 0; j < n; ++j)
      dx[at(j)] = s * (static_cast<long double>(dy[j]) * w[j] - (centred ? g : 0) - h[at(j)] * gh);
  }
};
template <class T> bool near(T x, long double want, long double tolerance) {
  return std::abs(static_cast<long double>(x) - want) <= tolerance * (1 + std::abs(want));
}

template <bool Centred, class T> void check_size(Index rows, Index n) {
  using Kernel = tn::kernel::Norm<Centred, T>;
  INFO(rows << " rows of " << n << (Centred ? ", centred" : ""));
  const T epsilon = T(0.25);
  const auto x = numbers<T>(rows * n, 1, 0.5), dy = numbers<T>(rows * n, 2), w = numbers<T>(n, 3), b = numbers<T>(n, 4);
  std::vector<T> y(x.size()), mean(at(rows)), scale(at(rows)), parts(at(Kernel::scratch_size(rows, n))),
      dw(at(n), T(2)), db(at(n), T(2));
  const tn::kernel::RowMoments<T> moments{Centred ? mean.data() : nullptr, scale.data()};
  Kernel::forward(rows, n, x.data(), w.data(), Centred ? b.data() : nullptr, epsilon, y.data(), moments);
  Wide dw_truth(at(n), 2), db_truth(at(n), 2);
  bool good = true;
  for (const auto mode : {tn::Write::store, tn::Write::add}) {
    std::vector<T> dx(x.size(), T(3));
    Kernel::backward(rows, n, x.data(), dy.data(), w.data(), moments, dx.data(), mode, parts.data());
    for (Index i = 0; i < rows; ++i) {
      const Truth t(Centred, n, &x[at(i * n)], w.data(), b.data(), &dy[at(i * n)], epsilon);
      for (Index j = 0; j < n; ++j) {
        const auto k = at(i * n + j);
        const long double before = mode == tn::Write::add ? 3 : 0, eps = std::numeric_limits<T>::epsilon();
        good = good && near(y[k], t.y[at(j)], 8 * eps) && near(dx[k], before + t.dx[at(j)], 16 * eps);
        if (mode == tn::Write::store) {
          dw_truth[at(j)] += dy[k] * t.h[at(j)];
          db_truth[at(j)] += dy[k];
        }
      }
    }
  }
  Kernel::add_parts(rows, n, parts.data(), 0, dw.data(), tn::Write::add);
  if (Centred) Kernel::add_parts(rows, n, parts.data(), 1, db.data(), tn::Write::add);
  for (Index j = 0; j < n; ++j) {
    const long double tolerance = 64 * std::numeric_limits<T>::epsilon();
    good = good && near(dw[at(j)], dw_truth[at(j)], tolerance) &&
           (!Centred || near(db[at(j)], db_truth[at(j)], tolerance));
  }
  CHECK(good);
}

}  // namespace

TEMPLATE_TEST_CASE("norm rows: values and gradients, of any size", "[kernel][norm]", float, double) {
  for (const Index rows : {1, 3, 4, 9, 131, 300})
    for (const Index n : {1, 2, 7, 16, 33, 64, 130}) {
      if (rows > 9 && n > 33) continue;
      check_size<true, TestType>(rows, n);
      check_size<false, TestType>(rows, n);
    }
}

TEST_CASE("norm rows: no rows give sums of 0, rows far from 0 keep their digits", "[kernel][norm]") {
  using Kernel = tn::kernel::Norm<true, float>;
  float dw[3] = {1, 1, 1};
  Kernel::add_parts(0, 3, nullptr, 0, dw, tn::Write::add);
  CHECK(dw[1] == 1);
  Kernel::add_parts(0, 3, nullptr, 0, dw, tn::Write::store);
  CHECK(dw[1] == 0);
  const Index n = 64;
  std::vector<float> x, w(n, 1), b(n, 0), y(n);
  for (Index i = 0; i < n; ++i) x.push_back(4096 + static_cast<float>(i % 2));  // mean 4096.5, variance 1/4
  float mean = 0, scale = 0;
  Kernel::forward(1, n, x.data(), w.data(), b.data(), 0, y.data(), {&mean, &scale});
  CHECK(mean == 4096.5f);
  CHECK(scale == 2);
  CHECK((y[0] == -1 && y[1] == 1));
}
