#include "tenon/optim/adam.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/effort.hpp"
#include "tests/error_of.hpp"
#include "tests/optim/reference.hpp"

namespace tenon_test {
namespace {

/// Element i after `updates` updates, by PyTorch's documented algorithm (torch.optim.Adam and AdamW, amsgrad off).
/// NaN where decay and gradient nearly cancel: Adam makes a step of full size of what is left of their digits.
template <class Options> long double pytorch(Index i, int updates, const Options& o) {
  constexpr bool decoupled = std::is_same_v<Options, tn::optim::AdamWOptions>;
  long double w = Single<double>::start(i), m = 0, v = 0;
  const long double b1 = o.beta1, b2 = o.beta2, rate = o.learning_rate;
  for (int t = 1; t <= updates; ++t) {
    long double g = Single<double>::slope(i, t);
    if (decoupled) w -= rate * o.weight_decay * w;
    else if (g += o.weight_decay * w; std::abs(g) < 1e-2L && o.weight_decay > 0) return NAN;
    m = b1 * m + (1 - b1) * g;
    v = b2 * v + (1 - b2) * g * g;
    const long double corrected_m = m / (1 - std::pow(b1, t)), corrected_v = v / (1 - std::pow(b2, t));
    w -= rate * corrected_m / (std::sqrt(corrected_v) + o.epsilon);
  }
  return w;
}
template <class T, class Optimizer, class Options> void check_updates(const Options& o, double tolerance) {
  for (const Index n : {Index{1}, Index{8}, Index{37}, Index{70000}}) {
    Single<T> m(n);
    Optimizer adam(m, o);
    tn::Arena arena;
    const int updates = n > 1000 ? 3 : 20;
    for (int t = 1; t <= updates; ++t) {
      m.learn(arena, t);
      adam.update(m);
      CHECK(!m.w.has_gradient());
    }
    double worst = 0;
    Index compared = 0;
    const Index next = n > 1000 ? tests::effort(1, 101) : 1;
    for (Index i = 0; i < n; i += next) {
      const long double truth = pytorch(i, updates, o);
      if (std::isnan(truth)) continue;
      worst = std::max(worst, static_cast<double>(std::abs(static_cast<long double>(m.w(i)) - truth)));
      ++compared;
    }
    INFO(n);
    CHECK(compared >= n / next / 2);
    CHECK(worst < tolerance * o.learning_rate * updates);
  }
}

struct Net {
  tn::Parameter<float, 3> a;
  tn::Parameter<double, 2, 2> b;
};

}  // namespace

TEST_CASE("Adam: 20 updates follow PyTorch's algorithm in long double", "[optim][adam]") {
  using O = tn::optim::AdamOptions;
  for (const O& o : {O{.learning_rate = 0.1}, O{.learning_rate = 0.03, .beta1 = 0.5, .beta2 = 0.9},
                     O{.learning_rate = 0.1, .weight_decay = 0.3}, O{.learning_rate = 0.1, .epsilon = 0.1}}) {
    check_updates<float, tn::optim::Adam>(o, 2e-5);
    check_updates<double, tn::optim::Adam>(o, 1e-13);
  }
}
TEST_CASE("AdamW: 20 updates follow PyTorch's algorithm in long double", "[optim][adam]") {
  using O = tn::optim::AdamWOptions;
  for (const O& o : {O{.learning_rate = 0.1}, O{.learning_rate = 0.05, .beta1 = 0.5, .weight_decay = 0.5},
                     O{.learning_rate = 0.1, .weight_decay = 0}}) {
    check_updates<float, tn::optim::AdamW>(o, 2e-5);
    check_updates<double, tn::optim::AdamW>(o, 1e-13);
  }
}

TEST_CASE("Adam: the first update has the size of the learning rate", "[optim][adam]") {
  Net m;
  auto adam = tn::optim::Adam(m, {.learning_rate = 1e-3f});
  tn::Arena arena;
  {
    tn::Step step(arena, m);
    std::move(step).backward(sum(m.a * 1e-3f));
  }
  adam.update(m);
  CHECK(m.a(1) == Approx(-1e-3).epsilon(1e-4));
  CHECK(m.b(0, 0) == 0);
}

TEST_CASE("Adam: counts updates for each parameter, as it gets gradients", "[optim][adam]") {
  Net m, twin;
  tn::optim::Adam adam(m, {.learning_rate = 0.1}), late(twin, {.learning_rate = 0.1});
  tn::Arena arena;
  for (int t = 0; t < 5; ++t) {
    tn::Step step(arena, m);
    std::move(step).backward(sum(m.a));
    adam.update(m);
  }
  auto learn_b = [&arena](Net& net) {
    tn::Step step(arena, net);
    std::move(step).backward(sum(net.b));
  };
  learn_b(m), learn_b(twin);
  adam.update(m), late.update(twin);
  CHECK(m.b(0, 0) == twin.b(0, 0));
}

TEST_CASE("Adam: its state is named after the parameters, and with it training goes on as before", "[optim][adam]") {
  Single<float> m(5), copy(5);
  tn::optim::Adam adam(m, {.learning_rate = 0.1}), resumed(copy, {.learning_rate = 0.1});
  tn::Arena arena;
  for (int t = 1; t <= 4; ++t) m.learn(arena, t), adam.update(m);
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;
  tn::for_each_state(adam, [&](const tn::Path& path, auto& x) {
    names.push_back(path.str());
    values.emplace_back(x.begin(), x.end());
  });
  CHECK(names == std::vector<std::string>{"w.first_moment", "w.second_moment", "w.updates"});
  CHECK(values.back() == std::vector<double>{4});
  std::size_t k = 0;
  tn::for_each_state(resumed, [&](const tn::Path&, auto& x) {
    auto to = x.mut();
    for (Index i = 0; i < x.size(); ++i)
      to(i) = static_cast<std::remove_reference_t<decltype(to(i))>>(values[k][static_cast<std::size_t>(i)]);
    ++k;
  });
  copy.w.mut() = m.w.value();
  for (int t = 5; t <= 8; ++t) {
    m.learn(arena, t), adam.update(m);
    copy.learn(arena, t), resumed.update(copy);
  }
  CHECK(m.w.value().to_vector() == copy.w.value().to_vector());
}

TEST_CASE("AdamW: no decay on biases by a part", "[optim][adam]") {
  Net m, plain;
  for (Net* net : {&m, &plain}) net->a.mut() = 1.f, net->b.mut() = 1.0;
  using tn::optim::part, tn::optim::vectors;
  tn::optim::AdamW adam({.learning_rate = 0.1, .weight_decay = 0.5}, part(m, {.weight_decay = 0}, vectors), part(m));
  tn::optim::AdamW none(plain, {.learning_rate = 0.1, .weight_decay = 0});
  std::string names;
  tn::for_each_state(adam, [&](const tn::Path& path, auto&) { names += path.str() + " "; });
  CHECK(names == "0.a.first_moment 0.a.second_moment 0.a.updates 1.b.first_moment 1.b.second_moment 1.b.updates ");
  tn::Arena arena;
  for (Net* net : {&m, &plain}) {
    tn::Step step(arena, *net);
    std::move(step).backward(sum(net->a));
    tn::Step other(arena, *net);
    std::move(other).backward(sum(net->b));
  }
  adam.update(m);
  none.update(plain);
  CHECK(m.a(0) == plain.a(0));
  CHECK(m.b(0, 0) == Approx(plain.b(0, 0) - 0.1 * 0.5));
}

TEST_CASE("Adam: refuses strangers, held parameters and options outside their range", "[optim][adam]") {
  Net m, stranger;
  tn::optim::AdamW adam(m);
  tn::Arena arena;
  CHECK(
      says(error_of<tn::OwnershipError>([&] { adam.update(stranger); }), "tenon::optim::AdamW: parameter 'a' is none"));
  {
    tn::Step step(arena, m);
    CHECK(says(error_of<tn::OwnershipError>([&] { adam.update(m); }), "parameter 'a' is held by an open Step"));
  }
  auto error = [&](tn::optim::AdamOptions o) { return error_of<tn::ValueError>([&] { tn::optim::Adam(m, o); }); };
  CHECK(says(error({.learning_rate = -1}), "tenon::optim::Adam: learning_rate is -1"));
  CHECK(says(error({.beta1 = 1}), "beta1 is 1"));
  CHECK(says(error({.beta2 = -0.5}), "beta2"));
  CHECK(says(error({.epsilon = NAN}), "epsilon"));
  CHECK(says(error({.weight_decay = -1}), "weight_decay"));
}
}  // namespace tenon_test
