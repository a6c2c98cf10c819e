// Frozen: elements that threads share and nobody writes.
#include "tenon/tensor/frozen.hpp"

#include <atomic>
#include <thread>

#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::says;
using tn::Index;

namespace {
using Three = tn::Tensor<float, 3>;
Three three() { return {1, 2, 3}; }
template <class F> std::string refused(F&& f) { return error_of<tn::OwnershipError>(f); }
}  // namespace

TEST_CASE("frozen: takes the elements over and gives them back, without a copy", "[tensor][frozen]") {
  Three t = three();
  const float* elements = t.data();
  const auto before = t.view();
  tn::Frozen f = tn::freeze(std::move(t));
  CHECK(f.data() == elements);
  CHECK(f(1) == 2);
  CHECK(f.to_vector() == std::vector<float>{1, 2, 3});
  CHECK(before(2) == 3);
  CHECK(says(refused([&] { (void)t.view(); }), "used after it was moved from"));
  const auto part = f(tn::range(1, 3));
  Three again = f.thaw();
  CHECK(again.data() == elements);
  CHECK(part(1) == 3);
  CHECK(says(refused([&] { (void)f.view(); }), "used after it was moved from"));
  CHECK(says(refused([&] { tn::Frozen<float, 3> copy = f; }), "used after it was moved from"));
  again.mut()(0) = 7;
  CHECK(before(0) == 7);
}
TEST_CASE("frozen: an operand like a tensor, named or not", "[tensor][frozen]") {
  const tn::Frozen f = tn::freeze(three());
  Three sum = f + 2 * f;
  CHECK(sum.to_vector() == std::vector<float>{3, 6, 9});
  auto lazy = tn::freeze(three()) + f;
  CHECK(Three(lazy).to_vector() == std::vector<float>{2, 4, 6});
  sum = tn::Frozen(f) + 1;
  CHECK(sum(0) == 2);
  auto owned = tn::Frozen(f) * 2;
  sum = owned;
  sum.mut()(0) = 100;
  CHECK(f(0) == 1);
  const auto empty = tn::freeze(tn::Tensor<double, tn::dyn>({0}));
  CHECK(tn::Tensor(empty + empty).size() == 0);
}
TEST_CASE("frozen: thawed by the last one only", "[tensor][frozen]") {
  tn::Frozen a = tn::freeze(three());
  {
    tn::Frozen b = a;
    CHECK(b.data() == a.data());
    CHECK_FALSE(a.try_thaw().has_value());
    CHECK_FALSE(b.try_thaw().has_value());
    CHECK(a(0) + b(0) == 2);
    CHECK(says(refused([&] { (void)a.thaw(); }),
               "tenon::thaw: other copies of this Frozen still read its elements; fix: end them first (get() of the "
               "threads that have one), or clone() to change a copy"));
  }
  auto t = a.try_thaw();
  REQUIRE(t.has_value());
  t->mut().fill(5);
  CHECK((*t)(2) == 5);
  // twice frozen, and an end in any order
  tn::Frozen c = tn::freeze(std::move(*t));
  tn::Frozen d = c, e = d;
  c = d;
  d = tn::freeze(three());
  CHECK(c(0) + d(0) + e(0) == 11);
}
TEST_CASE("frozen: views end with the Frozen they are of", "[tensor][frozen]") {
  tn::Frozen a = tn::freeze(three());
  auto b = std::make_unique<tn::Frozen<float, 3>>(a);
  const auto of_a = a.view(), of_b = b->view();
  auto waiting = *b + 1;
  b.reset();
  CHECK(says(refused([&] { (void)of_b(0); }), "stale handle"));
  CHECK(says(refused([&] { (void)Three(waiting); }), "stale handle"));
  CHECK(of_a(0) == 1);
}
TEST_CASE("frozen: not while it is being written", "[tensor][frozen]") {
  Three t = three();
  {
    auto m = t.mut();
    CHECK(says(refused([&] { (void)tn::freeze(std::move(t)); }), "while a MutView of it is open"));
    m(0) = 4;
  }
  CHECK(t(0) == 4);
}
TEST_CASE("frozen: each thread reads by a copy of its own", "[tensor][frozen][threads]") {
  std::string by_reference, thawed;
  std::atomic<int> right = 0;
  const Index rounds = 200;
  {
    tn::Frozen f = tn::freeze(three());
    const Three want = f + f;
    std::vector<std::thread> threads;
    for (int k = 0; k < 4; ++k)
      threads.emplace_back([&f, &right] {
        for (Index i = 0; i < rounds; ++i) {
          const tn::Frozen mine = f;
          const tn::Frozen second = mine;
          const Three sum = mine + second;
          right += sum(2) == 6;
        }
      });
    threads.emplace_back([&] {
      by_reference = refused([&] { (void)f(0); });
      thawed = refused([&] { (void)f.try_thaw(); });
    });
    for (auto& t : threads) t.join();
    CHECK(f.try_thaw().has_value());
  }
  CHECK(right == 4 * rounds);
  CHECK(says(by_reference, "tenon::Frozen: used on a thread that does not own it: it belongs to thread "));
  CHECK(says(by_reference,
             "; fix: hand it over by spawn(f, std::move(x)), or share it: freeze() it, and copy the Frozen "
             "on each thread that reads it"));
  CHECK(says(thawed, "used on a thread that does not own it"));
}
TEST_CASE("frozen: the last thread frees the elements", "[tensor][frozen][threads]") {
  for (int k = 0; k < 50; ++k) {
    auto f = std::make_unique<tn::Frozen<float, tn::dyn>>(tn::freeze(tn::Tensor<float, tn::dyn>({1000})));
    std::atomic<bool> copied = false;
    float seen = 1;
    std::thread t([&] {
      const tn::Frozen mine = *f;
      copied = true;
      seen = mine(999);
    });
    while (!copied) std::this_thread::yield();
    f.reset();
    t.join();
    CHECK(seen == 0);
  }
}
