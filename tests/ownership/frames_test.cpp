// Misuses of arenas, steps, parameters and optimisers that no other test shows; README.md has the whole catalogue.
#include <memory>
#include <optional>
#include <thread>

#include "tenon/autodiff/functional.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/optim/sgd.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::says;
using tn::Index;

namespace {

using Row = tn::Tensor<float, 3>;
Row row() { return {1, 2, 3}; }
struct Net {
  tn::Parameter<float, 3> w = row();
};
template <class F> std::string refused(F&& f) { return tenon_test::error_of<tn::OwnershipError>(std::forward<F>(f)); }
/// One step of sum(w * w).
void learn(tn::Arena& arena, Net& net) {
  tn::Step step(arena, net);
  std::move(step).backward(sum(net.w * net.w));
}

}  // namespace

TEST_CASE("catalogue 21: an optimiser whose parameter was replaced", "[ownership][frames]") {
  Net net;
  tn::Arena arena;
  tn::optim::SGD sgd(net, {.learning_rate = 0.5f});
  learn(arena, net);
  net.w = tn::Parameter<float, 3>(row());
  learn(arena, net);
  CHECK(says(refused([&] { sgd.update(net); }),
             "tenon::optim::SGD: parameter 'w' is none that this optimiser was made for; fix: give update the modules "
             "that its constructor got; make a new optimiser"));
  CHECK(net.w(2) == 3);
  net.w.mut() = row() * 2;  // writing into it is not replacing it
  tn::optim::SGD anew(net, {.learning_rate = 0.5f});
  anew.update(net);
  CHECK(net.w(0) == 2 - 0.5f * 2);
}
TEST_CASE("catalogue 24: handles whose arena has ended", "[ownership][frames]") {
  auto arena = std::make_unique<tn::Arena>();
  auto value = [&] {
    tn::Scope scope(*arena);
    return tn::Value(scope.input(row()) * 2);
  }();
  const auto view = [&] {
    tn::Scope scope(*arena);
    const tn::Value v = scope.input(row()) * 2;
    return v.view();
  }();
  arena.reset();
  CHECK(says(refused([&] { (void)value(0); }), "tenon::Value: stale handle"));
  CHECK(says(refused([&] { (void)view(0); }), "tenon::View: stale handle"));
  CHECK(says(refused([&] { (void)tn::Value(value + 1); }), "stale handle"));
}
TEST_CASE("catalogue 26, 28: a value of an inner frame, kept under an outer name", "[ownership][frames]") {
  tn::Arena arena;
  tn::Scope outer(arena);
  tn::Value kept = outer.input(row());
  auto escape = [&] {
    tn::Scope inner(arena);
    kept = inner.input(row()) * 2;
  };
  escape();
  CHECK(says(refused([&] { (void)kept(0); }), "tenon::Value: stale handle: its frame (opened at "));
  {
    tn::Scope inner(arena);
    kept = inner.promote(inner.input(row()) * 3);
  }
  CHECK(kept(2) == 9);
}
TEST_CASE("catalogue 27: what a differentiated function returns belongs to the caller", "[ownership][frames]") {
  const Row x = row();
  auto [value, gradient] = tn::value_and_grad([](const auto& v) { return sum(v * v); })(x);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(gradient)>, Row>);
  auto [y, dy] = tn::jvp([](const auto& v) { return 2 * v; }, x, x);  // of an expression over its argument
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(y)>, Row>);
  CHECK(value == 14);
  CHECK(gradient(2) == 6);
  CHECK(y(2) + dy(2) == 12);
}
TEST_CASE("catalogue 33: a handle of one step used in another", "[ownership][frames]") {
  tn::Arena arena;
  auto first = [&] {
    tn::Step step(arena);
    tn::Value v = step.variable(row());
    return std::pair(v, std::move(step).backward(sum(v * v)));
  }();
  tn::Step second(arena);  // in the same place
  tn::Value w = second.variable(row());
  CHECK(says(refused([&] { (void)first.second.of(w); }), "tenon::Gradients::of: stale handle"));
  CHECK(says(refused([&] { std::move(second).backward(sum(first.first * w)); }), "stale handle"));
}
TEST_CASE("catalogue 35: nothing is recorded after backward", "[ownership][frames]") {
  Net net;
  tn::Arena arena;
  tn::Step step(arena, net);
  auto loss = tn::eval(sum(net.w * net.w));
  std::move(step).backward(loss);
  CHECK(net.w.gradient()(2) == 6);
  CHECK(says(refused([&] { std::move(step).backward(loss); }), "has run backward already"));
  CHECK(says(refused([&] { std::move(step).backward(sum(net.w)); }), "has run backward already"));
  CHECK(net.w.gradient()(2) == 6);
}
TEST_CASE("catalogue 38: a step inside a step touches its own gradients only", "[ownership][frames]") {
  Net outside, inside;
  tn::Arena arena;
  tn::Step step(arena, outside);
  tn::Value h = outside.w * outside.w;
  for (int k = 0; k < 3; ++k) {
    tn::Step inner(arena, inside);
    tn::Value g = inside.w * h;  // h is a constant here
    std::move(inner).backward(sum(g * inside.w));
    CHECK(!outside.w.has_gradient());
    CHECK(inside.w.gradient()(2) == static_cast<float>((k + 1) * 2 * 3 * 9));
  }
  std::move(step).backward(sum(h));
  CHECK(outside.w.gradient()(2) == 6);
  CHECK(inside.w.gradient()(2) == 3 * 2 * 3 * 9);
}
TEST_CASE("catalogue 39: every thread brings an arena of its own, nothing has to be set up", "[ownership][frames]") {
  Index right = 0;
  float gradient = 0;
  std::thread([&] {
    Net net;
    tn::Arena arena;
    for (int k = 0; k < 3; ++k) {
      learn(arena, net);
      right += net.w.gradient()(2) == 6;
      gradient = net.w.gradient()(2);
      net.w.clear_gradient();
    }
  }).join();
  CHECK(right == 3);
  CHECK(gradient == 6);
}
TEST_CASE("catalogue 40: a step, a net and an optimiser of another thread", "[ownership][frames]") {
  Net net;
  tn::Arena arena, free;
  tn::optim::SGD sgd(net, {.learning_rate = 1});
  learn(arena, net);
  std::string said[4];
  std::thread([&] {
    said[0] = refused([&] { sgd.update(net); });
    tn::Arena own;
    said[1] = refused([&] { tn::Step step(own, net); });
    said[2] = refused([&] { (void)net.w.gradient(); });
    said[3] = refused([&] { net.w.clear_gradient(); });
  }).join();
  for (const auto& s : said) CHECK(says(s, "used on a thread that does not own it"));
  sgd.update(net);
  CHECK(net.w(2) == 3 - 6);
}
