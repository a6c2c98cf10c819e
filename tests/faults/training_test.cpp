// Out of memory: steps, gradients, optimisers.
#include "tenon/autodiff/functional.hpp"
#include "tenon/autodiff/replicas.hpp"
#include "tenon/autodiff/step.hpp"
#include "tenon/data/batches.hpp"
#include "tenon/nn/embedding.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/dropout.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/mse.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/optim/clip.hpp"
#include "tenon/optim/sgd.hpp"
#include "tests/catch.hpp"
#include "tests/faults/faults.hpp"

namespace faults {

namespace {

/// A step up to the gradients.
void learn(World& w, tn::Arena& arena) {
  tn::Step step(arena, w.net, w.rng);
  auto loss = tn::mse(tn::dropout(w.net(step.input(w.x)), 0.5), w.y);
  std::move(step).backward(loss);
}

const Scenario scenarios[] = {
    {"a net drawn anew",
     [](World& w) {
       const Net net = tn::nn::init<Net>(w.rng);
       if (tn::parameter_count(net) != 32) throw 1;
     }},
    {"a step that only records",
     [](World& w) {
       tn::Arena arena;
       tn::Step step(arena, w.net);
       (void)tn::Value(w.net(step.input(w.x)));
     }},
    {"a step and its gradients",
     [](World& w) {
       tn::Arena arena;
       tn::clear_gradients(w.net);
       learn(w, arena);
       if (!w.net.hidden.weight.has_gradient()) throw 1;
     }},
    {"gradients of two steps, added up",
     [](World& w) {
       tn::Arena arena;
       learn(w, arena);
       learn(w, arena);
     }},
    {"replicas of a net, and their gradients added up",
     [](World& w) {
       tn::Arena arena;
       auto replicas = tn::replicas(w.net, 2);
       for (Net& r : replicas) {
         tn::Step step(arena, r);
         std::move(step).backward(tn::sum(tn::tanh(r(step.input(w.x)))));
       }
       tn::merge_gradients(w.net, replicas);
       if (!w.net.hidden.weight.has_gradient() || replicas[1].hidden.weight.has_gradient()) throw 1;
     }},
    {"a tensor frozen, shared and thawed",
     [](World& w) {
       auto f = tn::freeze(w.x.clone());
       if (tn::Frozen(f).size() != 18 || f.thaw().size() != 18) throw 1;
     }},
    {"a gradient of an input",
     [](World& w) {
       tn::Arena arena;
       tn::Step step(arena);
       tn::Value x = step.variable(w.x);
       const auto g = std::move(step).backward(tn::sum(tn::tanh(w.net(x))));
       if (g.of(x).size() != 18) throw 1;
     }},
    {"a function's value and gradient",
     [](World& w) {
       const auto f = [](const auto& a) { return tn::sum(tn::tanh(a) * a); };
       const auto [value, gradient] = tn::value_and_grad(f)(w.x);
       if (gradient.size() != 18) throw 1;
     }},
    {"a chain of a hundred values",
     [](World& w) {
       tn::Arena arena;
       tn::Step step(arena, w.net);
       tn::Value h = step.input(w.x) + 0.f;
       for (int i = 0; i < 100; ++i) h = tn::tanh(h);
       std::move(step).backward(tn::sum(tn::matmul(h, w.net.hidden.weight)));
     }},
    {"classes from a table",
     [](World& w) {
       tn::Arena arena;
       tn::nn::Embedding<4, 2> table;
       tn::Step step(arena, table);
       auto loss = tn::cross_entropy(table(step.input(w.labels)), w.labels);
       std::move(step).backward(loss);
     }},
    {"a label that is none",
     [](World& w) {
       tn::Arena arena;
       tn::Step step(arena, w.net);
       w.labels.mut()(3) = 2;
       try {
         (void)tn::cross_entropy(w.net(step.input(w.x)), w.labels);
         throw 1;
       } catch (const tn::ValueError&) {
       }
     }},
    {"Adam and SGD are made",
     [](World& w) {
       const tn::optim::Adam adam(w.net);
       const tn::optim::SGD sgd({.momentum = 0.9}, tn::optim::part(w.net, {.weight_decay = 0}, tn::optim::vectors),
                                tn::optim::part(w.net));
     }},
    {"a step and an update by Adam",
     [](World& w) {
       tn::Arena arena;
       tn::optim::Adam adam(w.net);
       learn(w, arena);
       adam.update(w.net);
     },
     true},
    {"a step and an update by SGD while the step is open",
     [](World& w) {
       tn::Arena arena;
       tn::optim::SGD sgd(w.net);
       tn::Step step(arena, w.net);
       auto loss = tn::mse(w.net(step.input(w.x)), w.y);
       std::move(step).backward(loss);
       sgd.update(w.net);
     },
     true},
    {"clipped gradients and momentum",
     [](World& w) {
       tn::Arena arena;
       tn::optim::SGD sgd(w.net, {.momentum = 0.9, .nesterov = true});
       learn(w, arena);
       tn::optim::clip_by_norm(w.net, 0.1);
       sgd.update(w.net);
     },
     true},
    {"an update that is refused",
     [](World& w) {
       tn::Arena arena;
       tn::optim::Adam adam(w.net);
       tn::Step step(arena, w.net);
       try {
         adam.update(w.net);
         throw 1;
       } catch (const tn::OwnershipError&) {
       }
     }},
};
}  // namespace
}  // namespace faults

TEST_CASE("faults: steps and optimisers when memory runs out", "[faults][training]") {
  CHECK(faults::check_scenarios(faults::scenarios) > 100);
}

// ---- What users' code throws --------------------------------------------------------------------------------------

namespace {

namespace tn = tenon;
using tn::dyn;
using tn::Index;

/// y = x; its backward throws when it is told to.
struct Stumble {
  static constexpr std::string_view name = "stumble";
  static constexpr bool dense_operands = true;
  bool* due;

  template <class X> auto shape(tn::Loc, const X& x) const { return x; }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    for (Index i = 0; i < x.size(); ++i) y.data[i] = x.data[i];
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X, DX dx) const {
    if (*due) throw 7;
    if (!dx) return;
    for (Index i = 0; i < dx.size(); ++i) dx.data[i] = (dx.mode == tn::Write::add ? dx.data[i] : 0) + dy.data[i];
  }
};

/// A data set of numbers, one of which cannot be read.
struct FaultySet {
  using features_type = tn::Tensor<float, dyn, dyn>;
  using labels_type = tn::data::Labels;
  using Place = tn::data::detail::Place<features_type, labels_type>;
  bool* due;

  Index size() const { return 6; }
  tn::Shape<dyn> sample_shape() const { return tn::Shape<dyn>(3); }
  tn::Shape<> label_shape() const { return {}; }
  void read(Index i, const Place& to, const tn::Rng&) const {
    if (i == 4 && *due) throw 7;
    for (Index k = 0; k < 3; ++k) to.sample[k] = static_cast<float>(i + k);
    *to.label = 1;
  }
};

std::vector<float> weights(const faults::Net& net) {
  std::vector<float> all;
  tn::for_each_parameter(
      net, [&](const tn::Path&, const auto& p) { all.insert(all.end(), p.value().begin(), p.value().end()); });
  return all;
}
/// The bits after one whole step.
template <class F>
std::vector<float> after_step(faults::World& w, tn::Arena& arena, tn::optim::Adam& adam, const F& f) {
  {
    tn::Step step(arena, w.net);
    auto loss = tn::mse(f(w.net(step.input(w.x))), w.y);
    std::move(step).backward(loss);
    adam.update(w.net);
  }
  return weights(w.net);
}
}  // namespace

TEST_CASE("faults: user code that throws while a step records leaves no trace", "[faults][training]") {
  const auto same = [](const auto& y) { return y; };
  faults::World fresh, w;
  tn::Arena fresh_arena, arena;
  tn::optim::Adam fresh_adam(fresh.net), adam(w.net);
  const auto expected = after_step(fresh, fresh_arena, fresh_adam, same);
  const auto before = weights(w.net);
  for (int k = 0; k < 3; ++k) {
    CHECK_THROWS_AS(after_step(w, arena, adam, [](const auto&) -> tn::Value<float, dyn, dyn> { throw 7; }), int);
    CHECK(weights(w.net) == before);
    CHECK(arena.statistics().live == 0);
    CHECK_FALSE(w.net.hidden.weight.held());
    CHECK_FALSE(w.net.hidden.weight.has_gradient());
  }
  CHECK(after_step(w, arena, adam, same) == expected);
}

TEST_CASE("faults: an op whose backward throws leaves gradients empty and the next step works", "[faults][training]") {
  bool due = false;
  const auto stumble = [&](const auto& y) { return tn::structured(Stumble{&due}, tn::Loc{}, y); };
  faults::World fresh, w;
  tn::Arena fresh_arena, arena;
  tn::optim::Adam fresh_adam(fresh.net), adam(w.net);
  const auto expected = after_step(fresh, fresh_arena, fresh_adam, stumble);
  const auto before = weights(w.net);
  for (int k = 0; k < 3; ++k) {
    due = true;
    CHECK_THROWS_AS(after_step(w, arena, adam, stumble), int);
    CHECK(weights(w.net) == before);
    CHECK(arena.statistics().live == 0);
    tn::for_each_parameter(w.net, [](const tn::Path&, const auto& p) { CHECK((!p.held() && !p.has_gradient())); });
  }
  due = false;
  CHECK(after_step(w, arena, adam, stumble) == expected);
}

TEST_CASE("faults: a data set that throws ends the epoch, not the batches", "[faults][training]") {
  bool due = true;
  auto batches = tn::data::batches(FaultySet{&due}, 2);
  const auto sum_of_epoch = [&] {
    float sum = 0;
    for (auto [x, y] : batches) sum += x(0, 0);
    return sum;
  };
  for (int k = 0; k < 3; ++k) CHECK_THROWS_AS(sum_of_epoch(), int);
  due = false;
  CHECK(sum_of_epoch() == 0 + 2 + 4);
}
