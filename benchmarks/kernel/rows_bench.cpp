// Kernels bound by memory or by exponentials: rows normalised and compared, gathered, turned, searched; updates. Against
// oneDNN where it has the primitive, else against the loop as it is written first. `of limit` says how near memory is.
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/dnnl_rows.hpp"
#include "benchmarks/peers/inputs.hpp"
#include "tenon/kernel/argmax.hpp"
#include "tenon/kernel/cross_entropy.hpp"
#include "tenon/kernel/gather.hpp"
#include "tenon/kernel/norm.hpp"
#include "tenon/kernel/optimizer.hpp"
#include "tenon/kernel/transpose.hpp"

namespace {

namespace kernel = tenon::kernel;
using tenon::Index;
using tenon::Write;

/// Numbers that start at a cache line, as tenon's tensors do.
struct Floats {
  explicit Floats(Index n, std::uint64_t seed = 0)
      : size(n),
        data(static_cast<float*>(std::aligned_alloc(64, (static_cast<std::size_t>(n) * 4 + 127) / 64 * 64)),
             &std::free) {
    if (!data) throw std::bad_alloc();
    const auto values = bench::uniform<float>(static_cast<long>(n), seed, -2, 2);
    for (Index i = 0; i < n; ++i) data.get()[i] = seed == 0 ? 0 : values[static_cast<std::size_t>(i)];
  }
  operator float*() const { return data.get(); }
  std::vector<double> values() const { return {data.get(), data.get() + size}; }
  Index size;
  std::shared_ptr<float> data;
};

void add(std::string group, Index rows, Index columns, double arrays, std::vector<bench::Goal> goals,
         std::function<void(bench::Contest&)> prepare, double tolerance = 1e-4) {
  bench::add({.group = std::move(group),
              .name = std::to_string(rows) + "x" + std::to_string(columns),
              .work = {.bytes = 4.0 * arrays * static_cast<double>(rows * columns), .traffic = bench::Traffic::copy},
              .goals = std::move(goals),
              .tolerance = tolerance,
              .prepare = std::move(prepare)});
}

void softmax(Index rows, Index columns) {
  add("softmax", rows, columns, 2, {bench::at_least(1.0, "oneDNN")}, [=](bench::Contest& contest) {
    const Floats x(rows * columns, 1), y(rows * columns);
    contest.subject(
        [=] {
          kernel::for_each_line(
              rows, columns, 1, 1, 1, [&](Index at) { kernel::softmax<float>(columns, x + at, y + at); },
              [](Index, Index) {});
        },
        [=] { return y.values(); });
#if defined(TENON_BENCH_DNNL_ROWS)
    const Floats z(rows * columns);
    const auto peer = std::make_shared<bench::DnnlRows>(rows, columns);
    peer->softmax(x, z);
    contest.peer(
        "oneDNN", [=] { peer->run(); }, [=] { return z.values(); });
#endif
  });
}
void softmax_backward(Index rows, Index columns) {
  add("softmax backward", rows, columns, 3, {bench::at_least(1.0, "oneDNN")}, [=](bench::Contest& contest) {
    const Floats y(rows * columns, 1), dy(rows * columns, 2), dx(rows * columns);
    contest.subject(
        [=] {
          kernel::for_each_line(
              rows, columns, 1, 1, 1,
              [&](Index at) { kernel::softmax_backward<float>(columns, y + at, dy + at, dx + at, Write::store); },
              [](Index, Index) {});
        },
        [=] { return dx.values(); });
#if defined(TENON_BENCH_DNNL_ROWS)
    const Floats z(rows * columns);
    const auto peer = std::make_shared<bench::DnnlRows>(rows, columns);
    peer->softmax_backward(y, dy, z);
    contest.peer(
        "oneDNN", [=] { peer->run(); }, [=] { return z.values(); });
#endif
  });
}

using LayerNorm = kernel::Norm<true, float>;
struct NormData {
  NormData(Index n, Index m) : x(n * m, 1), dy(n * m, 2), y(n * m), dx(n * m), weights(2 * m, 3), mean(n), scale(n) {}
  Floats x, dy, y, dx, weights, mean, scale;
  void forward(Index n, Index m) const { LayerNorm::forward(n, m, x, weights, weights + m, 1e-5f, y, {mean, scale}); }
};
void layer_norm(Index rows, Index columns) {
  add("layer norm", rows, columns, 2, {bench::at_least(1.0, "oneDNN")}, [=](bench::Contest& contest) {
    const NormData d(rows, columns);
    contest.subject([=] { d.forward(rows, columns); }, [=] { return d.y.values(); });
#if defined(TENON_BENCH_DNNL_ROWS)
    const Floats y(rows * columns), mean(rows), variance(rows);
    const auto peer = std::make_shared<bench::DnnlRows>(rows, columns);
    peer->layer_norm(d.x, d.weights, y, mean, variance);  // it keeps addresses; the bodies keep the memory
    contest.peer(
        "oneDNN", [=, keep = std::vector{mean, variance}] { peer->run(); }, [=] { return y.values(); });
#endif
  });
}
void layer_norm_backward(Index rows, Index columns) {
  add("layer norm backward", rows, columns, 3, {bench::at_least(1.0, "oneDNN")}, [=](bench::Contest& contest) {
    const NormData d(rows, columns);
    const Floats parts(LayerNorm::scratch_size(rows, columns)), dw(2 * columns);
    d.forward(rows, columns);
    contest.subject(
        [=] {
          LayerNorm::backward(rows, columns, d.x, d.dy, d.weights, {d.mean, d.scale}, d.dx, Write::store, parts);
          LayerNorm::add_parts(rows, columns, parts, 0, dw, Write::store);
          LayerNorm::add_parts(rows, columns, parts, 1, dw + columns, Write::store);
        },
        [=] { return d.dx.values(); });
#if defined(TENON_BENCH_DNNL_ROWS)
    const Floats dx(rows * columns), variance(rows), sums(2 * columns);
    for (Index i = 0; i < rows; ++i) variance[i] = 1 / (d.scale[i] * d.scale[i]) - 1e-5f;
    const auto peer = std::make_shared<bench::DnnlRows>(rows, columns);
    peer->layer_norm_backward(d.x, d.dy, d.weights, d.mean, variance, dx, sums);
    contest.peer(
        "oneDNN", [=, keep = std::vector{variance, sums}] { peer->run(); }, [=] { return dx.values(); });
#endif
  });
}

/// Value and gradient, against one softmax written as three loops, which a gradient holds at least.
void cross_entropy(Index rows, Index columns, double goal) {
  add("cross-entropy and its gradient", rows, columns, 3, {bench::at_least(goal)}, [=](bench::Contest& contest) {
    const Floats x(rows * columns, 1), dx(rows * columns), kept(3 * rows), z(rows * columns);
    const auto labels = std::make_shared<std::vector<std::int32_t>>();
    for (Index i = 0; i < rows; ++i) labels->push_back(static_cast<std::int32_t>(i * 7 % columns));
    const float g = 1 / static_cast<float>(rows);
    contest.subject(
        [=] {
          const kernel::Rows<float> all{rows, columns, x};
          const kernel::ClassTarget<float, std::int32_t> target{labels->data(), -100, 0};
          kernel::cross_entropy(all, target, {kept, kept + rows, kept + 2 * rows});
          kernel::cross_entropy_backward(
              all, target, {kept, kept + rows, kept + 2 * rows}, [=](Index) { return g; }, static_cast<float*>(dx),
              Write::store);
        },
        [=] { return dx.values(); });
    contest.peer(
        "loops",
        [=] {
          for (Index i = 0; i < rows; ++i) {
            const float* row = x + i * columns;
            float* to = z + i * columns;
            float most = row[0], sum = 0;
            for (Index j = 1; j < columns; ++j) most = std::max(most, row[j]);
            for (Index j = 0; j < columns; ++j) sum += to[j] = std::exp(row[j] - most);
            for (Index j = 0; j < columns; ++j) to[j] *= g / sum;
            to[(*labels)[static_cast<std::size_t>(i)]] -= g;
          }
        },
        [=] { return z.values(); });
  });
}

void transpose(Index n) {
  add("transposed copy", n, n, 2, {bench::at_least(3.0)}, [=](bench::Contest& contest) {
    const Floats x(n * n, 1), y(n * n), z(n * n);
    contest.subject(
        [=] {
          kernel::transpose(n, n, reinterpret_cast<const std::uint32_t*>(static_cast<float*>(x)), n,
                            reinterpret_cast<std::uint32_t*>(static_cast<float*>(y)), n);
        },
        [=] { return y.values(); });
    contest.peer(
        "loops",
        [=] {
          for (Index i = 0; i < n; ++i)
            for (Index j = 0; j < n; ++j) z[i * n + j] = x[j * n + i];
        },
        [=] { return z.values(); });
  });
}

void argmax(Index rows, Index columns) {
  add("argmax of rows", rows, columns, 1, {bench::at_least(5.0)}, [=](bench::Contest& contest) {
    const Floats x(rows * columns, 1), at(rows), want(rows);
    contest.subject(
        [=] {
          for (Index i = 0; i < rows; ++i)
            at[i] = static_cast<float>(kernel::ArgExtreme<true, float>::line(columns, x + i * columns));
        },
        [=] { return at.values(); });
    contest.peer(
        "loops",
        [=] {
          for (Index i = 0; i < rows; ++i) {
            Index best = 0;
            for (Index j = 1; j < columns; ++j)
              if (x[i * columns + j] > x[i * columns + best]) best = j;
            want[i] = static_cast<float>(best);
          }
        },
        [=] { return want.values(); });
  });
}

/// Rows added to a table, in the order they come.
void scatter(Index table, Index rows, Index columns) {
  add("embedding backward", rows, columns, 2, {bench::at_least(1.5)}, [=](bench::Contest& contest) {
    const Floats x(rows * columns, 1), to(table * columns), other(table * columns);
    const auto index = std::make_shared<std::vector<std::int32_t>>();
    for (Index i = 0; i < rows; ++i) index->push_back(static_cast<std::int32_t>(i * 7919 % table));
    contest.subject([=] {
      kernel::scatter_add_rows(rows, columns, static_cast<const float*>(x), index->data(), static_cast<float*>(to));
    });
    contest.peer("loops", [=] {
      for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < columns; ++j)
          other[(*index)[static_cast<std::size_t>(i)] * columns + j] += x[i * columns + j];
    });
  });
}

void adam(Index n) {
  add("Adam update", 1, n, 7, {bench::at_least(1.0)}, [=](bench::Contest& contest) {
    const Floats w(n, 1), g(n, 2), m(n), v(n), w2(n, 1), m2(n), v2(n);
    contest.subject([=] {
      kernel::adam_update<float>(n, w, g, m, v, {1e-3f, 0.9f, 0.1f, 0.999f, 0.001f, 1, 1e-8f, 1, 0});
    });
    contest.peer("loops", [=] {
      float *a = w2, *b = m2, *c = v2;
      const float* d = g;
      for (Index i = 0; i < n; ++i) {
        b[i] = 0.9f * b[i] + 0.1f * d[i];
        c[i] = 0.999f * c[i] + 0.001f * d[i] * d[i];
        a[i] -= 1e-3f * b[i] / (std::sqrt(c[i]) + 1e-8f);
      }
    });
  });
}

bool add_all() {
  softmax(1024, 1000), softmax(256, 128);
  softmax_backward(1024, 1000), softmax_backward(256, 128);
  layer_norm(1024, 768), layer_norm(2048, 128);
  layer_norm_backward(1024, 768), layer_norm_backward(2048, 128);
  cross_entropy(1024, 1000, 2), cross_entropy(2048, 65, 2), cross_entropy(64, 10, 1);
  transpose(256), transpose(1024), transpose(4096);
  argmax(1024, 1024);
  scatter(65, 2048, 128);
  adam(1 << 20), adam(1 << 14);
  return true;
}
const bool registered = add_all();

}  // namespace
