// Every rule of ownership broken once: which error, and what it says.
#include <deque>
#include <memory>
#include <thread>

#include "tenon/autodiff/functional.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/softmax.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::says;
using tn::Index;

namespace {

using Square = tn::Tensor<float, 2, 2>;
struct Net {
  tn::Parameter<float, 2, 2> w = Square{{1, 2}, {3, 4}};
};
Square square() { return {{1, 2}, {3, 4}}; }
template <class F> std::string refused(F&& f) { return tenon_test::error_of<tn::OwnershipError>(std::forward<F>(f)); }
template <class F> std::string on_another_thread(F f) {
  std::string said;
  std::thread([&] { said = refused(f); }).join();
  return said;
}

}  // namespace

TEST_CASE("ownership: a value after its step has ended", "[autodiff][ownership]") {
  tn::Arena arena;
  auto keep = [&] {
    tn::Step step(arena);
    return tn::Value(step.variable(square()) * 2);
  };
  auto lazy = [&] {
    tn::Scope scope(arena);
    return scope.input(square()) * 2;
  };
  auto stale = keep();
  CHECK(says(refused([&] { (void)stale(0, 0); }), "tenon::Value: stale handle: its frame (opened at "));
  CHECK(says(refused([&] { (void)tn::Value(stale + 1); }), ") has ended; fix: clone() or promote() it before"));
  CHECK(says(refused([&] { (void)stale.clone(); }), "stale handle"));
  auto e = lazy();
  CHECK(says(refused([&] { (void)tn::Value(e); }), "stale handle"));
  tn::Scope later(arena);  // takes the old frame's cell and memory again
  tn::Value fresh = later.input(square()) * 3;
  CHECK(says(refused([&] { (void)stale(0, 0); }), "stale handle"));
  CHECK(says(refused([&] { (void)tn::Value(fresh + stale); }), "stale handle"));
  CHECK(says(refused([&] { (void)tn::Value(e); }), "stale handle"));
}
TEST_CASE("ownership: gradients after their step has ended", "[autodiff][ownership]") {
  tn::Arena arena;
  auto run = [&] {
    tn::Step step(arena);
    tn::Value v = step.variable(square());
    return std::pair(std::move(step).backward(sum(v * v)), v);
  };
  auto [g, v] = run();
  const auto said = refused([&, &g = g, &v = v] { (void)g.of(v); });
  CHECK(says(said, "tenon::Gradients::of: stale handle"));
}
TEST_CASE("ownership: the gradient of what is no variable", "[autodiff][ownership]") {
  tn::Arena arena;
  tn::Step step(arena);
  tn::Value v = step.variable(square()), c = step.input(square()), h = v * c;
  auto loss = sum(h * h);
  const auto g = std::move(step).backward(loss);
  for (const auto& other : {c, h})
    CHECK(says(refused([&] { (void)g.of(other); }),
               "tenon::Gradients::of: this value is no variable of the step; fix: make it by step.variable(x)"));
  CHECK(g.of(v)(0, 0) == 2);
}
TEST_CASE("ownership: a second backward", "[autodiff][ownership]") {
  tn::Arena arena;
  tn::Step step(arena);
  auto loss = sum(step.variable(square()));
  std::move(step).backward(loss);
  CHECK(says(refused([&] { std::move(step).backward(loss); }),
             "tenon::Step::backward: this step has run backward already (at "));
}
TEST_CASE("ownership: backward while a frame inside is open", "[autodiff][ownership]") {
  Net net;
  tn::Arena arena;
  tn::Step step(arena, net);
  auto loss = tn::eval(sum(net.w));
  {
    tn::Scope scope(arena);
    CHECK(says(refused([&] { std::move(step).backward(loss); }),
               "tenon::Step::backward: a Step or Scope opened inside this one (at "));
  }
  std::move(step).backward(loss);  // the step is as it was
  CHECK(net.w.gradient()(0, 0) == 1);
}
TEST_CASE("ownership: a loss that nothing recorded", "[autodiff][ownership]") {
  Net net, other;
  tn::Arena arena, second;
  const auto text = "tenon::Step::backward: the loss was not recorded here, so nothing would learn";
  {
    tn::Step step(arena, net);
    CHECK(says(refused([&] { std::move(step).backward(sum(step.input(square()))); }), text));
    CHECK(!net.w.held());
  }
  {
    tn::Step step(arena, net);
    CHECK(says(refused([&] { std::move(step).backward(sum(other.w)); }), text));
  }
  {
    tn::Step step(arena, net);
    CHECK(says(refused([&] { std::move(step).backward(sum(net.w).detach()); }), text));
  }
  {
    tn::Step outer(arena, net);
    auto loss = tn::eval(sum(net.w));
    tn::Step inner(arena, other);
    CHECK(says(refused([&] { std::move(inner).backward(loss); }), text));
  }
  {
    const tn::Tensor<float> number(1.f);
    tn::Step step(arena, net);
    CHECK(says(refused([&] { std::move(step).backward(number); }), text));
  }
  CHECK(!net.w.has_gradient());
  CHECK(!other.w.has_gradient());
}
TEST_CASE("ownership: two open steps on one parameter", "[autodiff][ownership]") {
  struct Both {
    Net first, second;
  } both;
  tn::Arena arena, elsewhere;
  tn::Step step(arena, both.second);
  CHECK(says(refused([&] { tn::Step again(arena, both); }),
             "tenon::Step: parameter 'second.w' is held by an open Step or Scope already (opened at "));
  CHECK(!both.first.w.held());  // the step that did not begin holds nothing
  CHECK(says(refused([&] { tn::Step again(elsewhere, both.second); }), "is held by an open Step"));
  CHECK(says(refused([&] { tn::Step twice(elsewhere, both.first, both.first); }), "is held by an open Step"));
  CHECK(elsewhere.top() == nullptr);
  tn::Step fine(elsewhere, both.first);
  std::move(step).backward(sum(both.second.w));
  tn::Step next(arena, both.second);
}
TEST_CASE("ownership: two writers, a reader beside a writer", "[autodiff][ownership]") {
  Square x = square();
  auto v = x.view();
  {
    auto m = x.mut();
    CHECK(says(refused([&] { x.mut(); }), "tenon::mut: read or written while a MutView of it is open"));
    CHECK(says(refused([&] { (void)v(0, 0); }), "tenon::View: read or written while a MutView of it is open"));
    CHECK(says(refused([&] { (void)x(0, 0); }), "read or written while a MutView of it is open"));
    CHECK(says(refused([&] { (void)tn::Tensor(x + 1); }), "read or written while a MutView of it is open"));
    CHECK(says(refused([&] { x = square(); }), "read or written while a MutView of it is open"));
    CHECK(says(refused([&] { (void)x.clone(); }), "read or written while a MutView of it is open"));
    tn::Arena arena;
    tn::Scope scope(arena);
    CHECK(says(refused([&] { (void)scope.input(x); }), "read or written while a MutView of it is open"));
    m(0, 0) = 5;
  }
  CHECK(v(0, 0) == 5);
}
TEST_CASE("ownership: a borrow split into thousands is held by the last of them", "[autodiff][ownership]") {
  tn::Tensor<float, tn::dyn> x({5000});
  using Part = tn::MutView<float, tn::dyn>;
  std::deque<Part> parts;
  parts.push_back(x.mut());
  for (Index i = 0; i < 4096; ++i) {
    auto [one, rest] = std::move(parts.back()).split(0, 1);
    parts.pop_back();
    parts.push_back(std::move(one));
    parts.push_back(std::move(rest));
  }
  for (Index i = 0; i < 4096; ++i) parts[static_cast<std::size_t>(i)] = static_cast<float>(i);
  while (parts.size() > 1) {
    parts.pop_front();
    if (parts.size() % 512 != 1) continue;
    CHECK(says(refused([&] { x.mut(); }), "while a MutView of it is open"));
    parts.back() = -1;
  }
  parts.clear();
  CHECK(x(4095) == 4095);
  CHECK(x(4999) == -1);
  x.mut() = 0;
}
TEST_CASE("ownership: a tensor recorded away", "[autodiff][ownership]") {
  Net net;
  Square out;
  tn::Arena arena;
  tn::Step step(arena, net);
  const auto text =
      "tenon: a Tensor made from a recorded expression would cut its gradient; fix: write .detach(), or keep it with "
      "auto or Value";
  CHECK(says(refused([&] { (void)tn::Tensor(net.w * step.input(square())); }), text));
  CHECK(says(refused([&] { (void)tn::Tensor(matmul(net.w, step.input(square()))); }), text));
  CHECK(says(refused([&] { (void)tn::Tensor(softmax(net.w, tn::axis<0>)); }), text));
  CHECK(says(refused([&] { out = net.w * 2; }), text));
  CHECK(says(refused([&] { out.mut() = net.w * 2; }), text));
  out = (net.w * 2).detach();
  CHECK(out(1, 1) == 8);
}
TEST_CASE("ownership: operands of two arenas", "[autodiff][ownership]") {
  Net net;
  tn::Arena one, two;
  tn::Step a(one), b(two, net);
  tn::Value x = a.variable(square()), y = b.variable(square());
  const auto text = "operands belong to frames of two arenas; fix: make them in one arena, or clone() one of them";
  CHECK(says(refused([&] { (void)tn::Value(x + y); }), text));
  CHECK(says(refused([&] { (void)tn::Value(y * x); }), text));
  CHECK(says(refused([&] { (void)tn::Value(x * net.w); }), text));
  CHECK(says(refused([&] { (void)tn::Value(matmul(x, y)); }), text));
  CHECK(says(refused([&] { (void)tn::Value(matmul(y, x)); }), text));
  CHECK(says(refused([&] { (void)tn::Value(tanh(matmul(x, net.w) + x)); }), text));
  CHECK(says(refused([&] { (void)tn::Value(sum(x * y)); }), text));
  tn::Value fine = x + y.clone();
  CHECK(fine.view()(0, 0) == 2);
}
TEST_CASE("ownership: an operand computed from parameters before the step", "[autodiff][ownership]") {
  Net net;
  tn::Arena arena;
  auto early = tn::eval(net.w * net.w);
  const auto text =
      "an operand was computed from parameters before the Step was there to record it; its gradient would be lost; "
      "fix: compute it inside the Step, or write .detach()";
  tn::Step step(arena, net);
  CHECK(says(refused([&] { (void)tn::Value(early * net.w); }), text));
  CHECK(says(refused([&] { (void)tn::Value(matmul(early, net.w)); }), text));
  CHECK(says(refused([&] { (void)tn::Value(matmul(step.input(square()), early)); }), text));
  CHECK(says(refused([&] { (void)tn::Value(tanh(matmul(net.w, early) + net.w)); }), text));
  CHECK(says(refused([&] { (void)tn::Value(softmax(early, tn::axis<0>) * net.w); }), text));
  std::move(step).backward(sum(early.detach() * net.w));
  CHECK(net.w.gradient()(1, 1) == 16);
}
TEST_CASE("ownership: an operand that changed between building and evaluating", "[autodiff][ownership]") {
  Square x = square();
  auto e = x * 2;
  x.mut()(0, 0) = 7;
  CHECK(says(refused([&] { (void)tn::Tensor(e); }),
             "tenon::multiply: a tensor was modified between the expression that reads it and its evaluation"));
  auto f = [&] { return tanh(square() * x); };
  auto g = f();
  x = square();
  CHECK(says(refused([&] { (void)tn::Tensor(g); }), "stale handle"));
  auto local = [] {
    Square y = square();
    return y * 2;
  }();
  CHECK(says(refused([&] { (void)tn::Tensor(local); }), "stale handle"));
}
TEST_CASE("ownership: the argument of a function, changed by another name while it is differentiated",
          "[autodiff][ownership]") {
  Square x = square();
  auto f = [&](const auto& v) {
    auto loss = sum(v * v);
    x.mut()(0, 0) = 100;
    return loss;
  };
  CHECK(says(refused([&] { (void)tn::value_and_grad(f)(x); }), "tenon::value_and_grad: a tensor was modified"));
}
TEST_CASE("ownership: after a move", "[autodiff][ownership]") {
  Square x = square();
  auto e = x * 2;
  Square y = std::move(x);
  CHECK(
      says(refused([&] { (void)x(0, 0); }),
           "used after it was moved from, or never made; fix: do not touch a name after std::move, or clone() first"));
  CHECK(says(refused([&] { (void)x.view(); }), "used after it was moved from"));
  CHECK(says(refused([&] { x.mut(); }), "used after it was moved from"));
  CHECK(says(refused([&] { (void)tn::Tensor(x + 1); }), "used after it was moved from"));
  CHECK(says(refused([&] { (void)x.clone(); }), "used after it was moved from"));
  const tn::Tensor t = std::move(e);  // views and expressions follow the storage
  CHECK(t(1, 1) == 8);
  auto h = y * 2;
  const tn::Tensor u = tanh(std::move(h));
  CHECK(says(
      refused([&] { (void)tn::Tensor(h + 1); }),
      "tenon: an expression was used after it was moved from; fix: use the name before std::move, or keep eval(e)"));
  tn::Tensor z = std::move(y) * 2;
  CHECK(says(refused([&] { (void)tn::Tensor(std::move(y) * 2); }), "used after it was moved from"));
  x = square();  // a new life
  CHECK(x(1, 1) == 4);
}
TEST_CASE("ownership: another thread", "[autodiff][ownership]") {
  Square x = square();
  Net net;
  tn::Arena arena;
  tn::Step step(arena, net);
  tn::Value v = step.input(square());
  auto view = x.view();
  auto e = x * 2;
  auto loss = tn::eval(sum(v));
  const auto text = "used on a thread that does not own it";
  CHECK(says(on_another_thread([&] { (void)x(0, 0); }), text));
  CHECK(says(on_another_thread([&] { x.mut(); }), text));
  CHECK(says(on_another_thread([&] { (void)view(0, 0); }), text));
  CHECK(says(on_another_thread([&] { (void)v(0, 0); }), text));
  CHECK(says(on_another_thread([&] { (void)tn::Tensor(x + 1); }), text));
  CHECK(says(on_another_thread([&] { (void)tn::Value(v + 1); }), text));
  CHECK(says(on_another_thread([&] { (void)sum(net.w).item(); }), text));
  CHECK(says(on_another_thread([&] { tn::Scope scope(arena); }), text));
  CHECK(says(on_another_thread([&] { std::move(step).backward(loss); }), text));
  CHECK(says(on_another_thread([&] { (void)tn::Tensor(e); }),
             "tenon: an expression was used on another thread than the one that built it; fix: evaluate it into a "
             "Tensor first and move that"));
  CHECK(tn::Tensor(e)(0, 0) == 2);
}
TEST_CASE("ownership: a Value of an expression that no frame evaluated", "[autodiff][ownership]") {
  Net net;
  CHECK(says(refused([&] { (void)tn::Value(net.w * net.w); }),
             "tenon::Value: the expression was evaluated outside any frame; fix: begin it with step.input(x) or "
             "scope.input(x), or use Tensor"));
}
TEST_CASE("ownership: a view of storage that was replaced or freed", "[autodiff][ownership]") {
  Square x = square();
  auto v = x.view();
  x = square();
  CHECK(says(refused([&] { (void)v(0, 0); }), "tenon::View: stale handle"));
  auto dangling = [] {
    auto y = std::make_unique<Square>(square());
    auto inside = y->view();
    y.reset();
    return inside;
  }();
  CHECK(says(refused([&] { (void)dangling(0, 0); }), "stale handle"));
  CHECK(says(refused([&] { (void)dangling.clone(); }), "stale handle"));
  CHECK(says(refused([&] { (void)tn::Tensor(dangling + 1); }), "stale handle"));
}
TEST_CASE("ownership: a mutable borrow whose tensor ended first", "[autodiff][ownership]") {
  auto x = std::make_unique<Square>(square());
  auto m = x->mut();
  x.reset();
  Square other = square();  // takes the cell
  CHECK(says(refused([&] { m = 1; }), "stale handle"));
  CHECK(other(0, 0) == 1);
  { auto gone = std::move(m); }
  CHECK(says(refused([&, open = other.mut()] { other.mut(); }),
             "while a MutView of it is open"));  // its end did not open other's door
}
TEST_CASE("ownership: errors name the place of the call", "[autodiff][ownership]") {
  Square x = square();
  auto m = x.mut();
  try {
    x.mut();
    FAIL("no error");
  } catch (const tn::OwnershipError& e) {
    CHECK(e.where().line == __LINE__ - 3);
    CHECK(says(e.what(), "ownership_test.cpp:"));
  }
}
