// Adjoints that many rows share are summed by blocks of rows: every way in which dimensions may merge, against loops.
#include <utility>
#include <vector>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/simd/batch.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;

namespace {

double number(Index i) { return static_cast<double>((i * 37 + 11) % 29) / 8 - 1.5; }
template <class T> T filled(T t) {
  auto m = t.mut();
  for (Index i = 0; i < t.size(); ++i) m.data()[i] = number(i);
  return t;
}
constexpr Index n = 200, rows = 3, columns = 16;  // more than two blocks of 64

/// f() on 1, 2, 3 and 7 threads; whether all gave what `want` says.
template <class F> bool on_threads(const std::vector<double>& want, F f) {
  bool same = true;
#if defined(_OPENMP)
  const int before = omp_get_max_threads();
  for (const int threads : {2, 3, 7}) {
    omp_set_num_threads(threads);
    same = same && f() == want;
  }
  omp_set_num_threads(1);
  same = same && f() == want;
  omp_set_num_threads(before);
#endif
  return same && f() == want;
}

using Matrix = tn::Tensor<double, dyn, dyn>;
constexpr Index lanes = tn::simd::Batch<double>::size;

/// (x w + b) * r in plain loops, and what it gives back.
struct Layer {
  using Numbers = std::vector<double>;
  struct Adjoints {
    Numbers x, w, b, r;
  };
  static std::size_t at(Index i, Index j, Index row) { return static_cast<std::size_t>(i * row + j); }

  Layer(Numbers in, const Matrix& w, const tn::Tensor<double, dyn>& b, const Matrix& r) : x(std::move(in)) {
    const Index m = r.shape()[0], k = w.shape()[0];
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < k; ++j) {
        z.push_back(b(j));
        for (Index p = 0; p < k; ++p) z.back() += x[at(i, p, k)] * w(p, j);
        y.push_back(z.back() * r(i, j));
      }
  }
  Adjoints backward(const Numbers& dy, const Matrix& w, const Matrix& r) const {
    const Index m = r.shape()[0], k = w.shape()[0];
    Adjoints d{Numbers(x.size()), Numbers(at(k, 0, k)), Numbers(at(0, k, k)), Numbers(x.size())};
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < k; ++j) {
        const double dz = dy[at(i, j, k)] * r(i, j);
        d.r[at(i, j, k)] = dy[at(i, j, k)] * z[at(i, j, k)];
        d.b[at(0, j, k)] += dz;
        for (Index p = 0; p < k; ++p) {
          d.x[at(i, p, k)] += dz * w(p, j);
          d.w[at(p, j, k)] += dz * x[at(i, p, k)];
        }
      }
    return d;
  }
  Numbers x, z, y;
};
std::vector<double> sum_of(std::vector<double> a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

}  // namespace

TEST_CASE("row blocks: a bias under rows of rank 3", "[autodiff][row_blocks]") {
  const auto x = filled(tn::Tensor<double, dyn, dyn, dyn>({n, rows, columns}));
  const auto b = filled(tn::Tensor<double, dyn>({columns}));
  const auto seed = filled(tn::Tensor<double, dyn, dyn, dyn>({n, rows, columns}));
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value vx = step.variable(x);
  const tn::Value vb = step.variable(b);
  const tn::Gradients g = std::move(step).backward(tn::sum((vx + vb) * seed));
  for (Index j = 0; j < columns; ++j) {
    double sum = 0;
    for (Index i = 0; i < n * rows; ++i) sum += number(i * columns + j);
    CHECK(g.of(vb)(j) == Approx(sum).margin(1e-10));
  }
  for (Index i = 0; i < x.size(); ++i) CHECK(g.of(vx).data()[i] == number(i));
}

TEST_CASE("row blocks: one number of run time under all rows", "[autodiff][row_blocks]") {
  const auto x = filled(tn::Tensor<double, dyn, dyn>({n, columns}));
  const auto scale = filled(tn::Tensor<double, dyn>({1}));
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value vx = step.variable(x);
  const tn::Value vs = step.variable(scale);
  const tn::Value y = vx * vs;
  const tn::Gradients g = std::move(step).backward(y, x);
  double sum = 0;
  for (Index i = 0; i < x.size(); ++i) sum += number(i) * number(i);
  CHECK(g.of(vs)(0) == Approx(sum));
  for (Index i = 0; i < x.size(); ++i) CHECK(g.of(vx).data()[i] == Approx(number(i) * number(0)));
}

TEST_CASE("row blocks: the bias of a product of rank 3, and a sum over the rows", "[autodiff][row_blocks]") {
  const auto x = filled(tn::Tensor<double, dyn, dyn, dyn>({n, rows, 4}));
  const auto w = filled(tn::Tensor<double, dyn, dyn>({4, columns}));
  const auto b = filled(tn::Tensor<double, dyn>({columns}));
  const auto c = filled(tn::Tensor<double, dyn, dyn>({rows, columns}));
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value vb = step.variable(b);
  const tn::Value vw = step.variable(w);
  const tn::Value y = tn::matmul(step.input(x), vw) + vb;
  const tn::Value folded = tn::sum(y, tn::axis<0>);
  const tn::Gradients g = std::move(step).backward(folded, c);  // dy(i, r, j) = c(r, j)
  for (Index j = 0; j < columns; ++j) {
    double sum = 0;
    for (Index r = 0; r < rows; ++r) sum += n * c(r, j);
    CHECK(g.of(vb)(j) == Approx(sum).margin(1e-10));
  }
  for (Index k = 0; k < 4; ++k)
    for (Index j = 0; j < columns; ++j) {
      double sum = 0;
      for (Index i = 0; i < n; ++i)
        for (Index r = 0; r < rows; ++r) sum += x(i, r, k) * c(r, j);
      CHECK(g.of(vw)(k, j) == Approx(sum).margin(1e-9));
    }
}

// number() has three binary places: all sums below are exact in double, in any order.
TEST_CASE("row blocks: several threads, the exact sums", "[autodiff][row_blocks][threads]") {
  const Index many = 1501, wide = 48;
  const auto x = filled(tn::Tensor<double, dyn, dyn>({many, wide}));
  const auto b = filled(tn::Tensor<double, dyn>({wide}));
  const auto scale = filled(tn::Tensor<double, dyn, dyn>({many, 1}));
  std::vector<double> want(static_cast<std::size_t>(wide + many), 0.);  // of b, then of scale
  for (Index i = 0; i < many; ++i)
    for (Index j = 0; j < wide; ++j) {
      const double seed = number(i * wide + j);
      want[static_cast<std::size_t>(j)] += seed * scale(i, 0);
      want[static_cast<std::size_t>(wide + i)] += seed * (number(i * wide + j) + number(j));
    }
  tn::Arena arena;
  CHECK(on_threads(want, [&] {
    tn::Step step(arena);
    const tn::Value vb = step.variable(b);
    const tn::Value vs = step.variable(scale);
    const tn::Value y = (step.input(x) + vb) * vs;
    const tn::Gradients g = std::move(step).backward(y, x);
    auto all = g.of(vb).to_vector();
    for (double e : g.of(vs).to_vector()) all.push_back(e);
    return all;
  }));
}

TEST_CASE("row blocks: several threads, few long rows over a shared matrix", "[autodiff][row_blocks][threads]") {
  const Index few = 5, long_rows = 130, wide = 120;
  const auto x = filled(tn::Tensor<double, dyn, dyn, dyn>({few, long_rows, wide}));
  const auto p = filled(tn::Tensor<double, dyn, dyn>({long_rows, wide}));
  std::vector<double> want(static_cast<std::size_t>(p.size()), 0.);
  for (Index i = 0; i < x.size(); ++i) {
    want[static_cast<std::size_t>(i % p.size())] += number(i);
    want.push_back(number(i) + number(i % p.size()));
  }
  tn::Arena arena;
  CHECK(on_threads(want, [&] {
    tn::Step step(arena);
    const tn::Value vp = step.variable(p);
    const tn::Value y = step.input(x) + vp;
    const auto value = y.view().to_vector();
    const tn::Gradients g = std::move(step).backward(y, x);
    auto all = g.of(vp).to_vector();
    all.insert(all.end(), value.begin(), value.end());
    return all;
  }));
}

TEST_CASE("row blocks: several threads, a value and its transpose", "[autodiff][row_blocks][threads]") {
  const Index side = 300;
  const auto x = filled(tn::Tensor<double, dyn, dyn>({side, side}));
  std::vector<double> want;
  for (Index i = 0; i < side; ++i)
    for (Index j = 0; j < side; ++j) want.push_back(number(i * side + j) + 2 * number(j * side + i));
  tn::Arena arena;
  CHECK(on_threads(want, [&] {
    tn::Step step(arena);
    const tn::Value v = step.variable(x);
    const tn::Value y = v + transpose(v) * 2.0;
    return std::move(step).backward(y, x).of(v).to_vector();
  }));
}

// Blocks of few whole vectors, of others, and of one row; all sums are exact.
TEST_CASE("row blocks: what follows a product, whatever its width", "[autodiff][row_blocks]") {
  tn::Arena arena;
  for (const Index m : {1, 2, 37})
    for (const Index wide : {1, 3, 8, 16, 24, 32, 40}) {
      const auto x = filled(tn::Tensor<double, dyn, dyn>({m, 2}));
      const auto w = filled(tn::Tensor<double, dyn, dyn>({2, wide}));
      const auto b = filled(tn::Tensor<double, dyn>({wide}));
      const auto r = filled(tn::Tensor<double, dyn, dyn>({m, wide}));
      const auto seed = filled(tn::Tensor<double, dyn, dyn>({m, wide}));
      const auto z = [&](Index i, Index j) { return x(i, 0) * w(0, j) + x(i, 1) * w(1, j) + b(j); };
      for (const bool twice : {false, true}) {  // the bias is also what the rest is scaled by
        tn::Step step(arena);
        const tn::Value vw = step.variable(w);
        const tn::Value vb = step.variable(b);
        const tn::Value vr = step.variable(r);
        const tn::Value sum = tn::matmul(step.input(x), vw) + vb;
        const tn::Value y = twice ? tn::Value((tn::matmul(step.input(x), vw) + vb) * vb)
                                  : tn::Value((tn::matmul(step.input(x), vw) + vb) * vr);
        bool same = true;
        for (Index i = 0; i < m; ++i)
          for (Index j = 0; j < wide; ++j)
            same = same && sum.view()(i, j) == z(i, j) && y.view()(i, j) == z(i, j) * (twice ? b(j) : r(i, j));
        const tn::Gradients g = std::move(step).backward(y, seed);
        for (Index j = 0; j < wide; ++j) {
          double db = 0, dw = 0;
          for (Index i = 0; i < m; ++i) {
            const double dz = seed(i, j) * (twice ? b(j) : r(i, j));
            db += dz + (twice ? seed(i, j) * z(i, j) : 0);
            dw += x(i, 1) * dz;
            if (!twice) same = same && g.of(vr)(i, j) == seed(i, j) * z(i, j);
          }
          same = same && g.of(vb)(j) == db && g.of(vw)(1, j) == dw;
        }
        INFO(m << " rows of " << wide << (twice ? ", the bias twice" : ""));
        CHECK(same);
      }
    }
}

// A layer applied twice: backward of the first adds to what the second has left in b, r and w. All sums are exact.
TEST_CASE("row blocks: a bias of two products has the sum of both", "[autodiff][row_blocks]") {
  tn::Arena arena;
  for (const Index m : {2, 5, 128})
    for (Index wide = lanes; wide <= 4 * lanes; wide += lanes) {
      const auto x = filled(Matrix({m, wide}));
      const auto w = filled(Matrix({wide, wide}));
      const auto b = filled(tn::Tensor<double, dyn>({wide}));
      const auto r = filled(Matrix({m, wide}));
      const auto seed = filled(Matrix({m, wide}));
      tn::Step step(arena);
      const tn::Value vx = step.variable(x);
      const tn::Value vw = step.variable(w);
      const tn::Value vb = step.variable(b);
      const tn::Value vr = step.variable(r);
      const auto layer = [&](const auto& in) { return tn::Value((tn::matmul(in, vw) + vb) * vr); };
      const auto y1 = layer(vx);
      const auto y = layer(y1);
      const auto value1 = y1.view().to_vector(), value = y.view().to_vector();
      const tn::Gradients g = std::move(step).backward(y, seed);

      const Layer layer1(x.view().to_vector(), w, b, r), layer2(layer1.y, w, b, r);
      const Layer::Adjoints from2 = layer2.backward(seed.view().to_vector(), w, r);
      const Layer::Adjoints from1 = layer1.backward(from2.x, w, r);
      INFO(m << " rows of " << wide);
      CHECK(value1 == layer1.y);
      CHECK(value == layer2.y);
      CHECK(g.of(vx).to_vector() == from1.x);
      CHECK(g.of(vw).to_vector() == sum_of(from1.w, from2.w));
      CHECK(g.of(vb).to_vector() == sum_of(from1.b, from2.b));
      CHECK(g.of(vr).to_vector() == sum_of(from1.r, from2.r));
    }
}

TEST_CASE("a copy in another order: its adjoint turns back, stored and added", "[autodiff][row_blocks]") {
  const auto x = filled(tn::Tensor<double, dyn, dyn>({40, 24}));
  const auto seed = filled(tn::Tensor<double, dyn, dyn>({24, 40}));
  const auto cube = filled(tn::Tensor<double, dyn, dyn, dyn>({9, 10, 11}));
  const auto cube_seed = filled(tn::Tensor<double, dyn, dyn, dyn>({11, 9, 10}));
  tn::Arena arena;
  {
    tn::Step step(arena);
    const tn::Value v = step.variable(x);
    const tn::Value first = transpose(v);
    const tn::Value second = transpose(v);
    const tn::Gradients g = std::move(step).backward(first + second * 2.0, seed);
    for (Index i = 0; i < 40; ++i)
      for (Index j = 0; j < 24; ++j) CHECK(g.of(v)(i, j) == 3 * seed(j, i));
  }
  tn::Step step(arena);
  const tn::Value v = step.variable(cube);
  const tn::Value turned = tn::permute(v, tn::axis<2, 0, 1>);
  const tn::Gradients g = std::move(step).backward(turned, cube_seed);
  for (Index i = 0; i < 9; ++i)
    for (Index j = 0; j < 10; ++j)
      for (Index k = 0; k < 11; ++k) CHECK(g.of(v)(i, j, k) == cube_seed(k, i, j));
}

TEST_CASE("a seed serves as the adjoint, and stays as it was", "[autodiff][row_blocks]") {
  const auto x = filled(tn::Tensor<double, dyn, dyn>({9, 12}));
  const auto w = filled(tn::Tensor<double, dyn, dyn>({12, columns}));
  const auto b = filled(tn::Tensor<double, dyn>({columns}));
  const auto seed = filled(tn::Tensor<double, dyn, dyn>({9, columns}));
  tn::Arena arena;
  for (const bool fused : {true, false}) {
    tn::Step step(arena);
    const tn::Value vx = step.variable(x);
    const tn::Value vw = step.variable(w);
    const tn::Value vb = step.variable(b);
    const tn::Value product = tn::matmul(vx, vw);
    const tn::Value y = fused ? tn::Value(tn::matmul(vx, vw) * vb) : product;
    const tn::Gradients g = std::move(step).backward(y, seed);
    for (Index k = 0; k < 12; ++k)
      for (Index j = 0; j < columns; ++j) {
        double sum = 0;
        for (Index i = 0; i < 9; ++i) sum += x(i, k) * seed(i, j) * (fused ? b(j) : 1);
        CHECK(g.of(vw)(k, j) == Approx(sum).margin(1e-12));
      }
    for (Index i = 0; i < seed.size(); ++i) CHECK(seed.data()[i] == number(i));
  }
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  CHECK(std::move(step).backward(v, x).of(v)(8, 11) == x(8, 11));
}
