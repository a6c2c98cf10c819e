#include "tenon/optim/sgd.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/effort.hpp"
#include "tests/error_of.hpp"
#include "tests/optim/reference.hpp"

namespace tenon_test {
namespace {

/// Element i after `updates` updates, by PyTorch's documented algorithm (torch.optim.SGD, dampening 0).
long double pytorch(Index i, int updates, const tn::optim::SGDOptions& o) {
  long double w = Single<double>::start(i), buffer = 0;
  for (int t = 1; t <= updates; ++t) {
    long double g = Single<double>::slope(i, t);
    g += o.weight_decay * w;
    if (o.momentum != 0) {
      buffer = t > 1 ? o.momentum * buffer + g : g;
      g = o.nesterov ? g + o.momentum * buffer : buffer;
    }
    w -= o.learning_rate * g;
  }
  return w;
}
template <class T> void check_updates(const tn::optim::SGDOptions& o, double tolerance) {
  for (const Index n : {Index{1}, Index{8}, Index{37}, Index{70000}}) {
    Single<T> m(n);
    tn::optim::SGD sgd(m, o);
    tn::Arena arena;
    const int updates = n > 1000 ? 3 : 20;
    for (int t = 1; t <= updates; ++t) {
      m.learn(arena, t);
      sgd.update(m);
      CHECK(!m.w.has_gradient());
    }
    double worst = 0;
    for (Index i = 0; i<n; i += n> 1000 ? tests::effort(1, 101) : 1)
      worst = std::max(worst, static_cast<double>(std::abs(static_cast<long double>(m.w(i)) - pytorch(i, updates, o)) /
                                                  (1 + std::abs(pytorch(i, updates, o)))));
    CHECK(worst < tolerance);
  }
}

struct Two {
  tn::Parameter<float, 3> a;
  tn::Parameter<double, 2, 2> b;
};
/// Gradients of 1 everywhere.
void learn_ones(tn::Arena& arena, Two& m) {
  tn::Step step(arena, m);
  std::move(step).backward(sum(m.a) * 1.f);
  tn::Step other(arena, m);
  std::move(other).backward(sum(m.b) * 1.0);
}

}  // namespace

TEST_CASE("SGD: 20 updates follow PyTorch's algorithm in long double", "[optim][sgd]") {
  using O = tn::optim::SGDOptions;
  for (const O& o :
       {O{.learning_rate = 0.1}, O{.learning_rate = 0.05, .weight_decay = 0.2},
        O{.learning_rate = 0.02, .momentum = 0.9}, O{.learning_rate = 0.02, .momentum = 0.9, .weight_decay = 0.1},
        O{.learning_rate = 0.02, .momentum = 0.8, .nesterov = true, .weight_decay = 0.1}}) {
    check_updates<float>(o, 2e-6);
    check_updates<double>(o, 1e-14);
  }
}

TEST_CASE("SGD: a parameter without a gradient stays, and so does its momentum", "[optim][sgd]") {
  Two m;
  tn::optim::SGD sgd(m, {.learning_rate = 1, .momentum = 0.5});
  tn::Arena arena;
  {
    tn::Step step(arena, m);
    std::move(step).backward(sum(m.a));
  }
  sgd.update(m);
  CHECK(m.a(0) == -1);
  CHECK(m.b(0, 0) == 0);
  sgd.update(m);  // no gradients at all
  CHECK(m.a(0) == -1);
  {
    tn::Step step(arena, m);
    std::move(step).backward(sum(m.a));
  }
  sgd.update(m);
  CHECK(m.a(0) == -2.5);  // v = 0.5 * 1 + 1
}

TEST_CASE("SGD: gradients of several steps accumulate until an update uses them", "[optim][sgd]") {
  Two m;
  tn::optim::SGD sgd(m, {.learning_rate = 1});
  tn::Arena arena;
  learn_ones(arena, m);
  learn_ones(arena, m);
  sgd.update(m);
  CHECK(m.a(2) == -2);
  CHECK(m.b(1, 1) == -2);
  learn_ones(arena, m);
  sgd.update(m);
  CHECK(m.a(2) == -3);
}

TEST_CASE("SGD: parts have options of their own, the first that takes a parameter wins", "[optim][sgd]") {
  Two m;
  m.a.mut() = 10.f;
  m.b.mut() = 10.0;
  using tn::optim::part, tn::optim::vectors;
  tn::optim::SGD sgd({.learning_rate = 0.1, .weight_decay = 0.5}, part(m, {.weight_decay = 0}, vectors),
                     part(m, {.learning_rate_scale = 2}));
  tn::Arena arena;
  learn_ones(arena, m);
  sgd.update(m);
  CHECK(m.a(0) == Approx(10 - 0.1 * 1));
  CHECK(m.b(0, 0) == Approx(10 - 0.2 * (1 + 0.5 * 10)));
  sgd.set_learning_rate(0.01);
  CHECK(sgd.learning_rate() == 0.01);
  learn_ones(arena, m);
  sgd.update(m);
  CHECK(m.a(0) == Approx(9.9 - 0.01));
}

TEST_CASE("SGD: two nets, one optimiser", "[optim][sgd]") {
  Two m, n;
  using tn::optim::part;
  tn::optim::SGD sgd({.learning_rate = 1}, part(m), part(n, {.learning_rate_scale = 0.5}));
  tn::Arena arena;
  learn_ones(arena, m);
  learn_ones(arena, n);
  sgd.update(n, m);  // in any order
  CHECK(m.a(0) == -1);
  CHECK(n.a(0) == -0.5);
  CHECK(says(error_of<tn::OwnershipError>([&] { sgd.update(m); }),
             "2 parameters given but the optimiser was made for 4"));
}

TEST_CASE("SGD: a module may move", "[optim][sgd]") {
  Two m;
  tn::optim::SGD sgd(m, {.learning_rate = 1});
  Two moved = std::move(m);
  tn::Arena arena;
  learn_ones(arena, moved);
  sgd.update(moved);
  CHECK(moved.a(0) == -1);
  tn::optim::SGD moved_sgd = std::move(sgd);
  learn_ones(arena, moved);
  moved_sgd.update(moved);
  CHECK(moved.a(0) == -2);
}

TEST_CASE("SGD: refuses, before it changes anything, what it was not made for and what a Step holds", "[optim][sgd]") {
  struct Pair {
    Two one, two;
  } m;
  Two stranger;
  tn::optim::SGD sgd(m, {.learning_rate = 1});
  tn::Arena arena;
  learn_ones(arena, m.one);
  CHECK(says(error_of<tn::OwnershipError>([&] { sgd.update(stranger); }), "tenon::optim::SGD: parameter 'a' is none"));
  CHECK(says(error_of<tn::OwnershipError>([&] { sgd.update(m.one); }),
             "2 parameters given but the optimiser was made for 4"));
  {
    tn::Step step(arena, m.two);
    const auto error = error_of<tn::OwnershipError>([&] { sgd.update(m); });
    CHECK(says(error, "parameter 'two.a' is held by an open Step"));
    CHECK(says(error, "std::move(step).backward(loss)"));
  }
  {
    auto writer = m.two.b.mut();
    CHECK_THROWS_AS(sgd.update(m), tn::OwnershipError);
  }
  learn_ones(arena, m.two);
  {
    auto writer = m.two.b.mut_gradient();
    CHECK_THROWS_AS(sgd.update(m), tn::OwnershipError);
  }
  CHECK(says(error_of<tn::OwnershipError>([&] { sgd.update(m.one, m.one); }), "parameter 'a' is given twice"));
  CHECK(m.one.a(0) == 0);
  CHECK(m.one.a.has_gradient());
  sgd.update(m);
  CHECK(m.one.a(0) == -1);
}

TEST_CASE("SGD: options outside their range are named", "[optim][sgd]") {
  Two m;
  auto error = [&](tn::optim::SGDOptions o) { return error_of<tn::ValueError>([&] { tn::optim::SGD(m, o); }); };
  CHECK(says(error({.learning_rate = -1}), "tenon::optim::SGD: learning_rate is -1"));
  CHECK(says(error({.learning_rate = NAN}), "learning_rate"));
  CHECK(says(error({.momentum = -0.1}), "momentum"));
  CHECK(says(error({.weight_decay = -1}), "weight_decay"));
  CHECK(says(error({.nesterov = true}), "nesterov without momentum"));
  tn::optim::SGD sgd(m);
  CHECK(says(error_of<tn::ValueError>([&] { sgd.set_learning_rate(-1); }), "learning_rate"));
  CHECK(says(error_of<tn::ValueError>([&] { tn::optim::SGD({}, tn::optim::part(m, {.weight_decay = -1})); }),
             "weight_decay"));
}
}  // namespace tenon_test
