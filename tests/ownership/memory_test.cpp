// Out of memory at every point, and a forked child; README.md has the whole catalogue of misuses.
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "tenon/autodiff/functional.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/softmax.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/tensor/compare.hpp"
#include "tests/catch.hpp"
#include "tests/counting_new.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

using Table = tn::Tensor<float, tn::dyn, 70>;
Table table(Index n = 70) {
  Table t({n, Index{70}});
  auto m = t.mut();
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < 70; ++j) m(i, j) = static_cast<float>((i * 7 + j * 3) % 11) / 70;
  return t;
}
struct Net {
  tn::Parameter<float, tn::dyn, 70> w = table();
  auto operator()(const auto& x) const { return tanh(matmul(x, w) + x); }
};
/// Runs f with the first, second, ... allocation refused, it alone or all after it too, until none is reached; returns
/// how often that was an exception. `same` is asked after each whether everything is as it was.
template <class F, class Same> long fail_everywhere(F f, Same same) {
  (void)tn::simd::thread_count();  // clang's OpenMP makes itself at its first call, and takes no refusal
  long thrown = 0;
  for (const bool once : {true, false}) {
    tenon_test::fail_new_once = once;
    bool reached = true;
    for (long n = 1; reached; ++n) {
      REQUIRE(n < 10000);
      tenon_test::fail_new_at = n;
      try {
        f();
        reached = tenon_test::fail_new_at.exchange(0) <= 0;
      } catch (const std::bad_alloc&) {
        tenon_test::fail_new_at = 0;
        ++thrown;
        REQUIRE(same());
      }
    }
  }
  return thrown;
}
template <class F> long fail_everywhere(F f) {
  return fail_everywhere(f, [] { return true; });
}
/// Storage of so many rows asks the system each time: it is larger than the blocks that a thread keeps for the next one,
/// of which AddressSanitizer allows none.
constexpr Index rows = TENON_ASAN ? 90 : 20000;
float total(const Table& t) {
  float s = 0;
  for (float v : t) s += v;
  return s;
}

}  // namespace

TEST_CASE("catalogue 31: no memory for a tensor, a copy, a result", "[ownership][memory]") {
  const Table x = table();
  const float before = total(x);
  auto same = [&] { return total(x) == before; };
  std::vector<float> numbers(4900, 1.f);
  const Table large = table(rows);
  CHECK(fail_everywhere([&] { (void)large.clone(); }, same) > 0);
  CHECK(fail_everywhere([&] { (void)tn::Tensor(large * 2 + large); }, same) > 0);
  CHECK(fail_everywhere([&] { (void)tn::Tensor(matmul(large, x)); }, same) > 0);
  CHECK(fail_everywhere([&] { (void)tn::Tensor(softmax(large, tn::axis<1>)); }, same) > 0);
  CHECK(fail_everywhere([&] { (void)sum(tn::Tensor(large * large)).item(); }, same) > 0);
  CHECK(fail_everywhere([&] { (void)tn::Tensor(sum(large, tn::axis<0>)); }, same) >= 0);
  CHECK(fail_everywhere([&] { (void)large.to_vector(); }, same) > 0);
  CHECK(fail_everywhere([&] {
          auto h = large + 1;
          (void)tn::Tensor(h * h);
        }) > 0);
}
TEST_CASE("catalogue 31: an assignment that needs a temporary leaves its destination as it was",
          "[ownership][memory]") {
  Table x = table(rows);
  const Table was = x.clone();
  const auto failed = fail_everywhere(
      [&] {
        x.mut() = was;  // asks for nothing
        x.mut()(tn::range(1, rows)) = x(tn::range(0, rows - 1)) * 2;
      },
      [&] { return tn::equal(x, was); });
  CHECK(failed > 0);
  CHECK(x(1, 5) == 2 * was(0, 5));
  CHECK(x(rows - 1, 69) == 2 * was(rows - 2, 69));
}
TEST_CASE("catalogue 31: no memory in a step leaves parameters, gradients and arena as they were",
          "[ownership][memory]") {
  Net net;
  const Table was = net.w.value().clone(), x = table();
  for (int round = 0; round < 3; ++round) {
    long refused = 0;
    auto untouched = [&] { return tn::equal(net.w.value(), was) && !net.w.has_gradient() && !net.w.held(); };
    refused = fail_everywhere(
        [&] {
          net.w.clear_gradient();
          tn::Arena arena;
          tn::Step step(arena, net);
          tn::Value h = net(step.input(x));
          for (int k = 0; k < 3 + round; ++k) h = net(h);
          std::move(step).backward(sum(h * h));
        },
        untouched);
    CHECK(refused > 1);
    REQUIRE(net.w.has_gradient());
    net.w.clear_gradient();
  }
}
TEST_CASE("catalogue 31: no memory for an optimiser's state, none needed for its update", "[ownership][memory]") {
  Net net;
  tn::Arena arena;
  CHECK(fail_everywhere([&] { tn::optim::Adam adam(net, {.learning_rate = 0.1f}); }, [&] { return !net.w.held(); }) >
        0);
  tn::optim::Adam adam(net, {.learning_rate = 0.1f});
  {
    tn::Step step(arena, net);
    std::move(step).backward(sum(net(step.input(table()))));
  }
  CHECK(fail_everywhere([&] { adam.update(net); }) == 0);
}
TEST_CASE("catalogue 31: no memory inside value_and_grad", "[ownership][memory]") {
  const Table x = table();
  auto f = [](const auto& v) { return sum(tanh(matmul(v, v)) * v); };
  const auto [value, gradient] = tn::value_and_grad(f)(x);
  float again = 0;
  fail_everywhere([&] { again = tn::value_and_grad(f)(x).value; });
  CHECK(again == value);
  CHECK(gradient.size() == x.size());
}
TEST_CASE("catalogue 42: a forked child computes what its parent does", "[ownership][memory]") {
  Net net;
  const Table x = table(rows < 2000 ? rows : 2000);
  auto work = [&] {
    tn::Arena arena;
    tn::Step step(arena, net);
    tn::Value y = net(step.input(x));
    auto loss = sum(y * y);
    const float l = loss.item();
    std::move(step).backward(loss);
    const float g = net.w.gradient()(3, 4);
    net.w.clear_gradient();
    return std::pair(l, g);
  };
  const auto here = work();  // the threads are awake now
  const pid_t child = fork();
  if (child == 0) _exit(work() == here ? 0 : 1);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(work() == here);
}
