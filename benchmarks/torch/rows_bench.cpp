// Operations on rows, as a user writes them, side by side with LibTorch: forward, and forward with gradients.
#include <omp.h>

#include <cmath>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/inputs.hpp"
#include "benchmarks/torch/rows.hpp"
#include "benchmarks/torch/training.hpp"
#include "tenon/autodiff/step.hpp"
#include "tenon/op/argmax.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/layer_norm.hpp"
#include "tenon/op/softmax.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/tensor/from_vector.hpp"
#include "tenon/tensor/rearrange.hpp"

namespace {

namespace torch_peer = bench::torch_peer;
using tenon::dyn;
using tenon::Index;

struct Ours {
  tenon::Arena arena;
  tenon::Tensor<float, dyn, dyn> x, dy;
  tenon::Tensor<float, dyn> weight, bias;
  tenon::Tensor<std::int32_t, dyn> labels;
  explicit Ours(const torch_peer::RowsData& d)
      : x({d.rows, d.columns}),
        dy({d.rows, d.columns}),
        weight(tenon::from_vector<dyn>(d.weight)),
        bias(tenon::from_vector<dyn>(d.bias)),
        labels(tenon::from_vector<dyn>(d.labels)) {
    auto to = x.mut();
    auto to_dy = dy.mut();
    for (std::size_t i = 0; i < d.x.size(); ++i) to.data()[i] = d.x[i], to_dy.data()[i] = d.dy[i];
  }
};
torch_peer::RowsData data_of(Index rows, Index columns) {
  torch_peer::RowsData d{rows, columns, {}, {}, {}, {}, {}};
  d.x = bench::uniform<float>(rows * columns, 1, -2, 2);
  d.dy = bench::uniform<float>(rows * columns, 2, -1, 1);
  d.weight = bench::uniform<float>(columns, 3, 0, 1);
  d.bias = bench::uniform<float>(columns, 4, -1, 1);
  for (Index i = 0; i < rows; ++i) d.labels.push_back(static_cast<std::int32_t>(i * 7 % columns));
  return d;
}

using Make = std::unique_ptr<torch_peer::RowsOp> (*)(const torch_peer::RowsData&);
void add(std::string name, Index rows, Index columns, double arrays, double goal,
         std::function<void(bench::Contest&)> prepare) {
  bench::add({.group = "rows against LibTorch",
              .name = std::move(name) + " " + std::to_string(rows) + "x" + std::to_string(columns),
              .work = {.bytes = 4 * arrays * static_cast<double>(rows * columns), .traffic = bench::Traffic::copy},
              .goals = {bench::at_least(goal, "LibTorch")},
              .tolerance = 1e-5,
              .prepare = std::move(prepare)});
}
void add_peer(bench::Contest& contest, Make make, const torch_peer::RowsData& data, bool backward) {
  torch_peer::set_threads(omp_get_max_threads());
  const std::shared_ptr<torch_peer::RowsOp> op = make(data);
  const auto output = [op] { return op->output(); };
  if (backward)
    contest.peer(
        "LibTorch", [op] { op->forward_and_backward(); }, output);
  else
    contest.peer(
        "LibTorch", [op] { op->forward(); }, output);
}

/// f(x, weight, bias, labels) gives the result.
template <class F>
void add_forward(std::string name, Index rows, Index columns, double arrays, double goal, Make make, F f) {
  add(std::move(name), rows, columns, arrays, goal, [=](bench::Contest& contest) {
    const auto data = data_of(rows, columns);
    const auto ours = std::make_shared<Ours>(data);
    const auto run = [=](auto use) {
      tenon::Scope scope(ours->arena);
      const tenon::Value y = f(scope.input(ours->x), ours->weight, ours->bias, ours->labels);
      return use(y);
    };
    contest.subject([=] { return run([](const auto& y) { return y.data(); }); },
                    [=] { return run([](const auto& y) { return bench::doubles(y.to_vector()); }); });
    add_peer(contest, make, data, false);
  });
}
/// Seeded: dy is the adjoint of a result of x's shape, or of its transpose; else the result is a number.
template <bool Seeded, class F>
void add_both(std::string name, Index rows, Index columns, double arrays, double goal, Make make, F f) {
  add(name + ", with gradients", rows, columns, arrays, goal, [=](bench::Contest& contest) {
    const auto data = data_of(rows, columns);
    const auto ours = std::make_shared<Ours>(data);
    const auto run = [=](auto use) {
      tenon::Step step(ours->arena);
      const tenon::Value x = step.variable(ours->x);
      const tenon::Value weight = step.variable(ours->weight);
      const tenon::Value bias = step.variable(ours->bias);
      const tenon::Value y = f(x, weight, bias, ours->labels);
      if constexpr (Seeded) return use(std::move(step).backward(y, ours->dy).of(x));
      else return use(std::move(step).backward(y).of(x));
    };
    contest.subject([=] { return run([](const auto& g) { return g.data(); }); },
                    [=] { return run([](const auto& g) { return bench::doubles(g.to_vector()); }); });
    add_peer(contest, make, data, true);
  });
}

struct Parameters {
  std::vector<std::vector<float>> w, g, m, v;
  int updates = 0;
};
void add_adam(Index tensors, Index elements, double goal) {
  add("Adam update", tensors, elements, 7, goal, [=](bench::Contest& contest) {
    const auto data = data_of(tensors, elements);
    const auto p = std::make_shared<Parameters>();
    const auto rows = [&](const std::vector<float>& all) {
      std::vector<std::vector<float>> parts;
      for (Index i = 0; i < tensors; ++i)
        parts.emplace_back(&all[static_cast<std::size_t>(i * elements)],
                           &all[static_cast<std::size_t>(i * elements)] + elements);
      return parts;
    };
    p->w = rows(data.x), p->g = rows(data.dy);
    p->m = p->v = rows(std::vector<float>(data.x.size(), 0.f));
    contest.subject(
        [=] {
          ++p->updates;
          const float b1 = 0.9f, b2 = 0.999f, t = static_cast<float>(p->updates);
          const float size = 1e-3f / (1 - std::pow(b1, t)), root = 1 / std::sqrt(1 - std::pow(b2, t));
          for (std::size_t i = 0; i < p->w.size(); ++i)
            tenon::kernel::adam_update<float>(elements, p->w[i].data(), p->g[i].data(), p->m[i].data(), p->v[i].data(),
                                              {size, b1, 0.1f, b2, 0.001f, root, 1e-8f, 1, 0});
        },
        [=] {
          std::vector<double> all;
          for (const auto& w : p->w) all.insert(all.end(), w.begin(), w.end());
          return all;
        });
    add_peer(contest, torch_peer::adam, data, false);
  });
}

const bool registered = [] {
  const auto softmax = [](const auto& x, const auto&...) { return tenon::softmax(x, tenon::axis<1>); };
  const auto norm = [](const auto& x, const auto& w, const auto& b, const auto&) { return tenon::layer_norm(x, w, b); };
  const auto entropy = [](const auto& x, const auto&, const auto&, const auto& labels) {
    return tenon::cross_entropy(x, labels);
  };
  const auto turned = [](const auto& x, const auto&...) { return tenon::transpose(x); };
  const auto largest = [](const auto& x, const auto&...) { return tenon::argmax(x, tenon::axis<1>); };
  add_forward("softmax", 1024, 1000, 2, 2, torch_peer::softmax, softmax);
  add_both<true>("softmax", 1024, 1000, 5, 2, torch_peer::softmax, softmax);
  for (const auto& [rows, columns] : {std::pair{1024, 768}, {2048, 128}}) {
    add_forward("layer norm", rows, columns, 2, 3, torch_peer::layer_norm, norm);
    add_both<true>("layer norm", rows, columns, 5, 3, torch_peer::layer_norm, norm);
  }
  for (const auto& [rows, columns] : {std::pair{2048, 65}, {64, 10}, {1024, 1000}})
    add_both<false>("cross-entropy", rows, columns, 3, 5, torch_peer::cross_entropy, entropy);
  add_adam(16, 65536, 3.5);
  add_forward("argmax", 1024, 1024, 1, 15, torch_peer::argmax, largest);
  for (const int n : {1024, 4096}) {
    add_forward("transposed copy", n, n, 2, 5, torch_peer::transposed_copy, turned);
    add_both<true>("transposed copy", n, n, 4, 5, torch_peer::transposed_copy, turned);
  }
  return true;
}();

}  // namespace
