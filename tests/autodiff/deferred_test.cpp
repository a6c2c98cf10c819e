// Gradients that are put off: a weight's gradient x^T dz stays two factors until somebody asks for it, or the step ends.
// Whoever asks, and whenever, sees the number that loops compute.
#include <optional>
#include <vector>

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/optim/clip.hpp"
#include "tenon/optim/sgd.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

constexpr Index batch = 2, in = 12, out = 5;  // dz is much smaller than the weight, so its gradient is put off
using Weight = tn::Parameter<double, in, out>;
using Input = tn::Tensor<double, batch, in>;
using Output = tn::Tensor<double, batch, out>;

struct Net {
  Weight w;
};
template <class T, Index... E> void fill(tn::Tensor<T, E...>& t, double phase) {
  auto m = t.mut();
  for (Index i = 0; i < t.size(); ++i)
    m.data()[i] = static_cast<T>(0.25 * static_cast<double>((i * 7 + 3) % 11) - phase);
}
struct Case {
  Net net;
  Input x;
  Output c;  // the loss is sum(c * (x w)), so dz = c
  tn::Arena arena;
  Case() {
    fill(x, 1.1);
    fill(c, 0.7);
    tn::Tensor<double, in, out> w;
    fill(w, 1.3);
    net.w.mut() = w;
  }
  auto loss(tn::Step& step) { return tn::sum(c * tn::matmul(step.input(x), net.w)); }
  /// Element i of the gradient, `times` times.
  double truth(Index i, double times = 1) const {
    double g = 0;
    for (Index b = 0; b < batch; ++b) g += x(b, i / out) * c(b, i % out);
    return times * g;
  }
  void check_gradient(double times = 1) const { check_gradient_of(net, times); }
  void check_gradient_of(const Net& n, double times = 1) const {
    const auto g = n.w.gradient();
    for (Index i = 0; i < in * out; ++i) CHECK(g.data()[i] == Approx(truth(i, times)).margin(1e-13));
  }
  bool is_deferred() const { return net.w.ref().slot()->put_off; }
  std::vector<double> weights() const { return net.w.value().to_vector(); }
};

}  // namespace

TEST_CASE("deferred gradients: asked for inside the step or after it, they are the loops' numbers",
          "[autodiff][deferred]") {
  Case k;
  {
    tn::Step step(k.arena, k.net);
    std::move(step).backward(k.loss(step));
    CHECK(k.net.w.has_gradient());
    CHECK(k.is_deferred());
    k.check_gradient();
    CHECK(!k.is_deferred());
    k.check_gradient();
  }
  k.check_gradient();
  k.net.w.clear_gradient();
  {
    tn::Step step(k.arena, k.net);
    std::move(step).backward(k.loss(step));
    CHECK(k.is_deferred());
  }
  CHECK(!k.is_deferred());
  k.check_gradient();
}

TEST_CASE("deferred gradients: further contributions are added, in the same step and in later ones",
          "[autodiff][deferred]") {
  Case k;
  {
    tn::Step step(k.arena, k.net);  // one weight, two products
    tn::Value x = step.input(k.x);
    std::move(step).backward(tn::sum(k.c * tn::matmul(x, k.net.w)) + tn::sum(k.c * tn::matmul(x, k.net.w)));
    k.check_gradient(2);
  }
  for (int t = 0; t < 2; ++t) {
    tn::Step step(k.arena, k.net);
    std::move(step).backward(k.loss(step));
    if (t == 0) k.check_gradient(3);
  }
  k.check_gradient(4);
  k.net.w.clear_gradient();
  {
    tn::Step step(k.arena, k.net);
    std::move(step).backward(k.loss(step));
    k.net.w.clear_gradient();  // put off, then not wanted
  }
  CHECK(!k.net.w.has_gradient());
}

TEST_CASE("deferred gradients: an update inside the step does what one after it does", "[autodiff][deferred]") {
  const auto train = [](auto make_optimizer, bool inside) {
    Case k;
    auto optimizer = make_optimizer(k.net);
    for (int t = 0; t < 3; ++t) {
      std::optional<tn::Step> step;
      step.emplace(k.arena, k.net);
      std::move(*step).backward(k.loss(*step));
      if (!inside) step.reset();
      optimizer.update(k.net);
      CHECK(!k.net.w.has_gradient());
      CHECK(!k.is_deferred());
    }
    return k.weights();
  };
  const auto compare = [&](auto make_optimizer) {
    const auto a = train(make_optimizer, true), b = train(make_optimizer, false);
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).margin(1e-13));
    return a;
  };
  const auto plain = compare([](Net& n) { return tn::optim::SGD(n, {.learning_rate = 0.125}); });
  const Case start;
  for (Index i = 0; i < in * out; ++i)
    CHECK(plain[static_cast<std::size_t>(i)] ==
          Approx(start.weights()[static_cast<std::size_t>(i)] - 3 * 0.125 * start.truth(i)).margin(1e-13));
  CHECK(compare([](Net& n) { return tn::optim::SGD(n, {.learning_rate = 0}); }) == start.weights());
  compare([](Net& n) { return tn::optim::SGD(n, {.learning_rate = 0.125, .momentum = 0.5}); });
  compare([](Net& n) { return tn::optim::SGD(n, {.learning_rate = 0.125, .weight_decay = 0.5}); });
  compare([](Net& n) { return tn::optim::Adam(n, {.learning_rate = 0.125}); });
}

TEST_CASE("deferred gradients: clipping sees them", "[autodiff][deferred]") {
  Case k;
  tn::Step step(k.arena, k.net);
  std::move(step).backward(k.loss(step));
  double squares = 0;
  for (Index i = 0; i < in * out; ++i) squares += k.truth(i) * k.truth(i);
  CHECK(tn::optim::clip_by_norm(k.net, 1) == Approx(std::sqrt(squares)));
  k.check_gradient(1 / std::sqrt(squares));
}

TEST_CASE("deferred gradients: a tensor that may change before the update is read at once", "[autodiff][deferred]") {
  Case k;
  tn::Step step(k.arena, k.net);
  std::move(step).backward(tn::sum(k.c * tn::matmul(k.x, k.net.w)));  // x by name, not as the step's input
  CHECK(!k.is_deferred());
  const Case same;
  k.x.mut() = k.x * 3;
  same.check_gradient_of(k.net);
}

TEST_CASE("deferred gradients: one that is large beside its weight is computed at once", "[autodiff][deferred]") {
  struct {
    tn::Parameter<double, 3, 2> w;
  } net;
  tn::Arena arena;
  tn::Tensor<double, 4, 3> x;
  fill(x, 0.5);
  tn::Step step(arena, net);
  std::move(step).backward(tn::sum(tn::matmul(step.input(x), net.w)));
  CHECK(!net.w.ref().slot()->put_off);
  for (Index i = 0; i < 3; ++i) {
    double sum = 0;
    for (Index b = 0; b < 4; ++b) sum += x(b, i);
    CHECK(net.w.gradient()(i, 0) == Approx(sum));
  }
}

TEST_CASE("deferred gradients: a parameter may end before the step that owes its gradient", "[autodiff][deferred]") {
  Case k;
  std::optional<Net> net;
  net.emplace();
  net->w.mut() = k.net.w.value().clone();
  tn::Step step(k.arena, *net);
  std::move(step).backward(tn::sum(k.c * tn::matmul(step.input(k.x), net->w)));
  net.reset();
}

TEST_CASE("deferred gradients: a step that fails leaves another step's gradient to be computed",
          "[autodiff][deferred]") {
  Case k;
  tn::Arena other;
  {
    tn::Step before(k.arena, k.net);  // leaves other numbers in the gradient's memory
    std::move(before).backward(5 * k.loss(before));
  }
  k.check_gradient(5);
  k.net.w.clear_gradient();
  tn::Step step(k.arena, k.net);
  std::move(step).backward(k.loss(step));
  {
    tn::Step failing(other, k.net);
    CHECK_THROWS_AS(std::move(failing).backward(tn::sum(failing.input(k.c))), tn::OwnershipError);
  }
  k.check_gradient();
}

TEST_CASE("deferred gradients: an input that was moved in is nobody else's", "[autodiff][deferred]") {
  Case k;
  const Case same;
  tn::Step step(k.arena, k.net);
  tn::Value x = step.input(std::move(k.x));
  std::move(step).backward(tn::sum(k.c * tn::matmul(x, k.net.w)));
  k.x = same.x * 3;  // a moved-from name may be assigned to
  same.check_gradient_of(k.net);
}
