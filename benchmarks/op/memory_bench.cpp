// Ops that move elements and compute little: how near memory's speed they are, beside the loop as one writes it first.
// Results lie in an arena, as in a training step: fresh memory would be measured otherwise. `of limit`: the bytes that must
// move over the bandwidth of the level they fit in.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/inputs.hpp"
#include "tenon/tenon.hpp"
#include "tenon/tensor/from_vector.hpp"

namespace {

namespace tn = tenon;
using tn::Index;
using Matrix = tn::Tensor<float, tn::dyn, tn::dyn>;
using Numbers = tn::Tensor<std::int64_t, tn::dyn, tn::dyn>;
constexpr Index rows = 1024, columns = 1024, size = rows * columns;
const char* const group = "memory-bound ops, 1024 x 1024 floats";
constexpr double million = static_cast<double>(size);

/// `index` numbers columns in no order, each once a row; `labels` rows, each once.
struct Data {
  Data() {
    const auto first = bench::uniform<float>(size, 1, -2, 2), second = bench::uniform<float>(size, 2, -2, 2);
    std::copy(first.begin(), first.end(), x.mut().data());
    std::copy(second.begin(), second.end(), y.mut().data());
    for (Index i = 0; i < size; ++i) index.mut().data()[i] = (i * 7919 + i / columns) % columns;
    for (Index i = 0; i < rows; ++i) labels.mut().data()[i] = i * 7919 % rows;
  }
  const float* px() const { return x.begin_unchecked(); }
  const float* py() const { return y.begin_unchecked(); }
  const std::int64_t* pi() const { return index.begin_unchecked(); }
  Matrix x = Matrix({rows, columns}), y = Matrix({rows, columns}), turned = Matrix({columns, rows});
  Numbers index = Numbers({rows, columns});
  tn::Tensor<std::int64_t, tn::dyn> labels = tn::Tensor<std::int64_t, tn::dyn>({rows});
  tn::Arena arena;
};

/// ours(data, x, y, index): an expression of values in a Scope. loop(data, result): the same, by hand. `moved`: bytes.
template <class Ours, class Loop>
void add(const std::string& name, double moved, std::vector<bench::Goal> goals, Ours ours, Loop loop,
         Index elements = size) {
  bench::add({.group = group,
              .name = name,
              .work = {.bytes = moved, .traffic = bench::Traffic::copy},
              .goals = std::move(goals),
              .prepare = [=](bench::Contest& contest) {
                const auto d = std::make_shared<Data>();
                const auto run = [d, ours](auto use) {
                  tn::Scope scope(d->arena);
                  const auto x = scope.input(d->x), y = scope.input(d->y);
                  const auto index = scope.input(d->index);
                  use(tn::eval(ours(*d, x, y, index)));
                };
                contest.subject([run] { run([](const auto& r) { benchmark::DoNotOptimize(&r); }); },
                                [run] {
                                  std::vector<double> all;
                                  run([&](const auto& r) {
                                    for (const auto v : tn::Tensor(r.detach()).to_vector())
                                      all.push_back(static_cast<double>(v));
                                  });
                                  return all;
                                });
                const auto result = std::make_shared<std::vector<float>>(static_cast<std::size_t>(elements));
                contest.peer(
                    "loops", [=] { loop(*d, result->data()); }, [=] { return bench::doubles(*result); });
              }});
}

void transpose() {
  bench::add({.group = group,
              .name = "transpose copy",
              .work = {.bytes = 8 * million, .traffic = bench::Traffic::copy},
              .goals = {bench::of_limit(0.5), bench::at_least(0.97)},
              .prepare = [](bench::Contest& contest) {
                const auto d = std::make_shared<Data>();
                contest.subject([d] { d->turned = tn::transpose(d->x); }, [d] { return bench::doubles(d->turned); });
                const auto result = std::make_shared<std::vector<float>>(static_cast<std::size_t>(size));
                contest.peer(
                    "loops",
                    [d, result] {
                      for (Index i = 0; i < columns; ++i)
                        for (Index j = 0; j < rows; ++j)
                          (*result)[static_cast<std::size_t>(i * rows + j)] = d->px()[j * columns + i];
                    },
                    [result] { return bench::doubles(*result); });
              }});
}

void copies() {
  const std::vector<bench::Goal> half{bench::of_limit(0.5), bench::at_least(0.97)};
  add(
      "concatenate, axis 0", 16 * million, half,
      [](const Data&, const auto& x, const auto& y, const auto&) { return tn::concatenate(tn::axis<0>, x, y); },
      [](const Data& d, float* to) { std::copy_n(d.py(), size, std::copy_n(d.px(), size, to)); }, 2 * size);
  add(
      "concatenate, axis 1", 16 * million, half,
      [](const Data&, const auto& x, const auto& y, const auto&) { return tn::concatenate(tn::axis<1>, x, y); },
      [](const Data& d, float* to) {
        for (Index i = 0; i < rows; ++i)
          to = std::copy_n(d.py() + i * columns, columns, std::copy_n(d.px() + i * columns, columns, to));
      },
      2 * size);
  add(
      "stack, last axis", 16 * million, half,
      [](const Data&, const auto& x, const auto& y, const auto&) { return tn::stack(tn::axis<2>, x, y); },
      [](const Data& d, float* to) {
        for (Index i = 0; i < size; ++i) to[2 * i] = d.px()[i], to[2 * i + 1] = d.py()[i];
      },
      2 * size);
  add(
      "split in 4, axis 1", 8 * million, half,
      [](const Data&, const auto& x, const auto&, const auto&) {
        auto [a, b, c, e] = tn::split<4>(x, tn::axis<1>);
        (void)tn::eval(std::move(a)), (void)tn::eval(std::move(b)), (void)tn::eval(std::move(c));
        return std::move(e);
      },
      [](const Data& d, float* to) {
        thread_local std::vector<float> others(static_cast<std::size_t>(size));
        for (Index part = 0; part < 4; ++part) {
          float* at = part == 3 ? to : others.data() + part * size / 4;
          for (Index i = 0; i < rows; ++i) at = std::copy_n(d.px() + i * columns + part * columns / 4, columns / 4, at);
        }
      },
      size / 4);
  add(
      "pad by 1 and 2", 8 * million, half,
      [](const Data&, const auto& x, const auto&, const auto&) {
        return tn::pad(x, {{{1, 1}, {2, 2}}});
      },
      [](const Data& d, float* to) {
        std::fill_n(to, (rows + 2) * (columns + 4), 0.0f);
        for (Index i = 0; i < rows; ++i) std::copy_n(d.px() + i * columns, columns, to + (i + 1) * (columns + 4) + 2);
      },
      (rows + 2) * (columns + 4));
  add(
      "repeat 2, axis 0", 12 * million, half,
      [](const Data&, const auto& x, const auto&, const auto&) { return tn::repeat(x, 2, tn::axis<0>); },
      [](const Data& d, float* to) {
        for (Index i = 0; i < rows; ++i)
          for (Index k = 0; k < 2; ++k) to = std::copy_n(d.px() + i * columns, columns, to);
      },
      2 * size);
  add(
      "repeat 2, axis 1", 12 * million, half,
      [](const Data&, const auto& x, const auto&, const auto&) { return tn::repeat(x, 2, tn::axis<1>); },
      [](const Data& d, float* to) {
        for (Index i = 0; i < size; ++i) to[2 * i] = to[2 * i + 1] = d.px()[i];
      },
      2 * size);
  add(
      "where(x > 0, x, y)", 12 * million, half,
      [](const Data&, const auto& x, const auto& y, const auto&) { return tn::where(x > 0, x, y); },
      [](const Data& d, float* to) {
        for (Index i = 0; i < size; ++i) to[i] = d.px()[i] > 0 ? d.px()[i] : d.py()[i];
      });
}

void by_index() {
  const std::vector<bench::Goal> half{bench::of_limit(0.5), bench::at_least(0.97)}, loop{bench::at_least(0.97)};
  add(
      "embedding of 1024 rows", 8 * million, half,
      [](const Data& d, const auto& x, const auto&, const auto&) { return tn::embedding(x, d.labels); },
      [](const Data& d, float* to) {
        for (Index i = 0; i < rows; ++i)
          to = std::copy_n(d.px() + d.labels.begin_unchecked()[i] * columns, columns, to);
      });
  add(
      "gather (take_along), axis 1", 16 * million, loop,
      [](const Data&, const auto& x, const auto&, const auto& index) { return tn::take_along(x, index, tn::axis<1>); },
      [](const Data& d, float* to) {
        for (Index i = 0; i < size; ++i) to[i] = d.px()[i / columns * columns + d.pi()[i]];
      });
  add(
      "scatter_add, axis 1", 20 * million, loop,
      [](const Data&, const auto& x, const auto& y, const auto& index) {
        return tn::scatter_add(x, index, y, tn::axis<1>);
      },
      [](const Data& d, float* to) {
        std::copy_n(d.px(), size, to);
        for (Index i = 0; i < size; ++i) to[i / columns * columns + d.pi()[i]] += d.py()[i];
      });
  add(
      "one_hot, 1024 classes", 4 * million, half,
      [](const Data& d, const auto&, const auto&, const auto&) { return tn::one_hot(d.labels, columns); },
      [](const Data& d, float* to) {
        std::fill_n(to, size, 0.0f);
        for (Index i = 0; i < rows; ++i) to[i * columns + d.labels.begin_unchecked()[i]] = 1;
      });
}

void orders() {
  const std::vector<bench::Goal> half{bench::of_limit(0.5), bench::at_least(0.97)}, loop{bench::at_least(0.97)};
  add(
      "argmax, axis 1", 4 * million, half,
      [](const Data&, const auto& x, const auto&, const auto&) { return tn::argmax(x, tn::axis<1>); },
      [](const Data& d, float* to) {
        for (Index i = 0; i < rows; ++i) {
          const float* row = d.px() + i * columns;
          to[i] = static_cast<float>(std::max_element(row, row + columns) - row);
        }
      },
      rows);
  add(
      "argmax, axis 0", 4 * million, half,
      [](const Data&, const auto& x, const auto&, const auto&) { return tn::argmax(x, tn::axis<0>); },
      [](const Data& d, float* to) {
        std::fill_n(to, columns, 0.0f);
        for (Index i = 1; i < rows; ++i)
          for (Index j = 0; j < columns; ++j)
            if (d.px()[i * columns + j] > d.px()[static_cast<Index>(to[j]) * columns + j])
              to[j] = static_cast<float>(i);
      },
      columns);
  add(
      "top_k, 8 of 1024", 4 * million, loop,
      [](const Data&, const auto& x, const auto&, const auto&) { return tn::top_k(x, 8, tn::axis<1>).values; },
      [](const Data& d, float* to) {
        thread_local std::vector<Index> order(static_cast<std::size_t>(columns));
        for (Index i = 0; i < rows; ++i) {
          const float* row = d.px() + i * columns;
          std::iota(order.begin(), order.end(), 0);
          std::partial_sort(order.begin(), order.begin() + 8, order.end(),
                            [row](Index a, Index b) { return row[a] > row[b]; });
          for (std::size_t k = 0; k < 8; ++k) *to++ = row[order[k]];
        }
      },
      rows * 8);
  add(
      "sort, axis 1", 8 * million, loop,
      [](const Data&, const auto& x, const auto&, const auto&) { return tn::sort(x, tn::axis<1>); },
      [](const Data& d, float* to) {
        std::copy_n(d.px(), size, to);
        for (Index i = 0; i < rows; ++i) std::sort(to + i * columns, to + (i + 1) * columns);
      });
  add(
      "argsort, axis 1", 12 * million, loop,
      [](const Data&, const auto& x, const auto&, const auto&) { return tn::argsort(x, tn::axis<1>); },
      [](const Data& d, float* to) {
        thread_local std::vector<Index> order(static_cast<std::size_t>(columns));
        for (Index i = 0; i < rows; ++i) {
          const float* row = d.px() + i * columns;
          std::iota(order.begin(), order.end(), 0);
          std::stable_sort(order.begin(), order.end(), [row](Index a, Index b) { return row[a] < row[b]; });
          for (const Index k : order) *to++ = static_cast<float>(k);
        }
      });
  add(
      "cumsum, axis 1", 8 * million, loop,
      [](const Data&, const auto& x, const auto&, const auto&) { return tn::cumsum(x, tn::axis<1>); },
      [](const Data& d, float* to) {
        for (Index i = 0; i < rows; ++i) {
          float sum = 0;
          for (Index j = 0; j < columns; ++j) to[i * columns + j] = sum += d.px()[i * columns + j];
        }
      });
  add(
      "cumsum, axis 0", 8 * million, half,
      [](const Data&, const auto& x, const auto&, const auto&) { return tn::cumsum(x, tn::axis<0>); },
      [](const Data& d, float* to) {
        std::copy_n(d.px(), columns, to);
        for (Index i = columns; i < size; ++i) to[i] = to[i - columns] + d.px()[i];
      });
}

/// In cascade: within 1e-7 of the sum of |x|, as fast as memory gives.
void sums() {
  constexpr Index n = Index{1} << 24;
  bench::add({.group = "sum of 16M floats",
              .name = "16M",
              .work = {.bytes = 4.0 * n, .traffic = bench::Traffic::read},
              .goals = {bench::at_least(0.97)},
              .tolerance = 1e-2,
              .prepare = [](bench::Contest& contest) {
                const auto x =
                    std::make_shared<tn::Tensor<float, tn::dyn>>(tn::from_vector(bench::uniform<float>(n, 1, 0, 1)));
                const auto body = [x] { return tn::sum(*x).item(); };
                contest.subject(body, [body] { return std::vector<double>{static_cast<double>(body())}; });
                const auto last = std::make_shared<float>();
                contest.peer(
                    "loop of 8 sums",
                    [x, last] {
                      using Lanes = tn::simd::Batch<float>;
                      Lanes sum[8];
                      for (auto& s : sum) s = Lanes(0.0f);
                      const float* p = x->begin_unchecked();
                      for (Index i = 0; i < n; i += 8 * Lanes::size)
#pragma GCC unroll 8
                        for (Index k = 0; k < 8; ++k) sum[k] += Lanes::load(p + i + k * Lanes::size);
                      float total = 0;
                      for (const auto& s : sum) total += reduce_add(s);
                      return *last = total;
                    },
                    [last] { return std::vector<double>{static_cast<double>(*last)}; });
                contest.exact({[x](std::size_t) {
                                 double sum = 0;
                                 for (const float v : *x) sum += static_cast<double>(v);
                                 return sum;
                               },
                               0});
              }});
}

const bool registered = [] { return transpose(), copies(), by_index(), orders(), sums(), true; }();

}  // namespace
