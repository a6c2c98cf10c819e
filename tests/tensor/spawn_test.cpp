// spawn: what goes to a thread, what it may then do, what comes back.
#include "tenon/tensor/spawn.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <variant>

#include "tenon/op/add.hpp"
#include "tests/catch.hpp"
#include "tests/effort.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::says;
using tn::Index;

namespace {
using Three = tn::Tensor<float, 3>;
Three three() { return {1, 2, 3}; }
template <class F> std::string refused(F&& f) { return error_of<tn::OwnershipError>(f); }
float first(const Three& t) { return t(0); }

struct Cargo {
  Three a = three();
  std::vector<Three> many;
  std::array<Three, 2> two;
  std::optional<Three> perhaps;
  std::variant<int, Three> either;
  std::tuple<Three, int> both{three(), 7};
  std::unique_ptr<tn::Arena> arena;
  tn::Rng rng{5};
  std::string name = "cargo";
};
struct Lists {  // a class that lists its members itself
  Lists() = default;
  void members(auto&& visit) { visit("inside", inside); }
  Three inside = three();
};
}  // namespace

TEST_CASE("spawn: owners change hands, and old views are refused", "[tensor][spawn]") {
  Three t = three();
  const float* elements = t.data();
  const auto view = t.view();
  auto thread = tn::spawn(
      [](Three mine, int k) {
        mine.mut()(0) = static_cast<float>(k);
        return mine;
      },
      std::move(t), 9);
  CHECK(says(refused([&] { (void)view(0); }), "tenon::View: used on a thread that does not own it: it "));
  thread.join();  // what it returns is nobody's until it is fetched
  CHECK(says(refused([&] { (void)view(0); }),
             "tenon::View: used on a thread that does not own it: it was handed over to another thread; fix: do not "
             "touch what spawn was given; get() gives back what the "
             "thread returns"));
  CHECK(says(refused([&] { (void)t(0); }), "used after it was moved from"));
  const Three back = thread.get();
  CHECK(back.data() == elements);
  CHECK(back(0) == 9);
  CHECK(view(0) == 9);  // the elements never moved, and they are this thread's again
  CHECK(says(refused([&] { (void)thread.get(); }),
             "tenon::Thread: its result was fetched already, or it was moved from; fix: call get() once, and keep what "
             "it returns"));
  CHECK(says(refused([&] { thread.join(); }), "its result was fetched already"));
}
TEST_CASE("spawn: what the thread made or kept is its own", "[tensor][spawn]") {
  Three t = three();
  const auto view = t.view();
  auto ended = tn::spawn([](Three mine) { return first(mine); }, std::move(t));
  CHECK(ended.get() == 1);
  CHECK(says(refused([&] { (void)view(0); }), "stale handle"));
  auto made = tn::spawn([] { return three(); });
  made.join();
  made.join();
  Three here = made.get();
  here.mut()(0) = 4;
  CHECK(Three(here + here)(0) == 8);
  CHECK(tn::spawn(&first, three()).get() == 1);
  tn::spawn([] {}).get();
}
TEST_CASE("spawn: all that owns can be sent, wherever it stands", "[tensor][spawn]") {
  Cargo c;
  c.many.push_back(three());
  c.perhaps = three();
  c.either = three();
  c.arena = std::make_unique<tn::Arena>();
  auto thread = tn::spawn(
      [](Cargo x, Lists y, std::vector<float> numbers, bool yes) {
        float sum = x.rng.uniform() * 0 + numbers[1] + (yes ? 1.f : 0.f);
        for (Three* t :
             {&x.a, &x.many[0], &x.two[1], &*x.perhaps, &std::get<1>(x.either), &std::get<0>(x.both), &y.inside}) {
          t->mut()(1) = 10;
          sum += (*t)(1);
        }
        return std::pair(std::move(x), sum);
      },
      std::move(c), Lists{}, std::vector<float>{1, 2}, true);
  auto [back, sum] = thread.get();
  CHECK(sum == 73);
  for (Three* t :
       {&back.a, &back.many[0], &back.two[1], &*back.perhaps, &std::get<1>(back.either), &std::get<0>(back.both)}) {
    t->mut()(2) = 11;
    CHECK((*t)(1) + (*t)(2) == 21);
  }
  CHECK(back.name == "cargo");
}
TEST_CASE("spawn: refuses what is in use, and then everything is as before", "[tensor][spawn]") {
  Cargo c;
  c.many.push_back(three());
  const auto send = [](Cargo x) { return x; };
  {
    auto m = c.many[0].mut();
    CHECK(says(refused([&] { (void)tn::spawn(send, std::move(c)); }), "while a MutView of it is open"));
    m(0) = 5;
  }
  CHECK(c.a(0) == 1);
  CHECK(c.many[0](0) == 5);
  c = tn::spawn(send, std::move(c)).get();
  CHECK(c.many[0](0) == 5);
  const auto view = c.a.view();
  auto away = tn::spawn(send, std::move(c));
  CHECK(says(refused([&] { (void)tn::spawn([](Three x) { return x; }, view.clone()); }), "another thread"));
  (void)away.get();
}
TEST_CASE("spawn: refuses what another thread owns", "[tensor][spawn]") {
  Three t = three();
  std::string said;
  std::thread([&] { said = refused([&] { (void)tn::spawn([](Three x) { return x; }, std::move(t)); }); }).join();
  CHECK(says(said, "tenon::spawn: used on a thread that does not own it"));
  CHECK(t(0) == 1);
}
TEST_CASE("spawn: a Frozen is shared, by copy or by move", "[tensor][spawn][frozen]") {
  tn::Frozen f = tn::freeze(three());
  std::vector<tn::Thread<float>> threads;
  for (int k = 0; k < 8; ++k)
    threads.push_back(tn::spawn(
        [](tn::Frozen<float, 3> x, int i) {
          const auto part = x(tn::range(0, 3));
          const Three sum = x + part;
          return sum(i % 3);
        },
        f, k));
  for (int k = 0; k < 8; ++k) CHECK(threads[static_cast<std::size_t>(k)].get() == 2.f * static_cast<float>(k % 3 + 1));
  auto back = tn::spawn([](tn::Frozen<float, 3> x) { return x; }, f).get();
  CHECK(back(1) == 2);
  CHECK_FALSE(f.try_thaw().has_value());
  back = tn::freeze(three());
  CHECK(f.thaw()(0) == 1);
}
TEST_CASE("spawn: what f throws comes out of get, join and no destructor", "[tensor][spawn]") {
  const auto fails = [](Three t) -> Three {
    if (t(0) == 1) throw tn::ValueError({}, "tenon::test: no", "yes");
    return t;
  };
  auto a = tn::spawn(fails, three());
  CHECK(says(error_of<tn::ValueError>([&] { a.join(); }), "tenon::test: no"));
  CHECK(says(error_of<tn::ValueError>([&] { (void)a.get(); }), "tenon::test: no"));
  { auto b = tn::spawn(fails, three()); }
  auto c = tn::spawn(fails, three());
  c = tn::spawn([](Three t) { return t; }, three());
  CHECK(c.get()(2) == 3);
  const auto moved = std::move(c);
  auto result_in_use = tn::spawn([] {
    static thread_local std::optional<tn::MutView<float, 3>> open;  // keeps the borrow when f returns
    auto t = std::make_unique<Three>(three());
    open.emplace(t->mut());
    return std::move(*t);
  });
  CHECK(says(refused([&] { (void)result_in_use.get(); }), "while a MutView of it is open"));
}
TEST_CASE("spawn: a thread spawns, each level its own", "[tensor][spawn]") {
  const auto sum = tn::spawn(
                       [](Three t) {
                         auto inner = tn::spawn(
                             [](Three x) {
                               x.mut() += 1;
                               return x;
                             },
                             std::move(t));
                         Three back = inner.get();
                         back.mut() += 1;
                         return back;
                       },
                       three())
                       .get();
  CHECK(sum.to_vector() == std::vector<float>{3, 4, 5});
}
TEST_CASE("spawn: its loops run on its thread alone", "[tensor][spawn]") {
  CHECK(tn::spawn([] { return tn::simd::thread_count(); }).get() == 1);
  const Three many = tn::spawn([] {
                       tn::Tensor<float, tn::dyn> big({1 << 18});
                       tn::Tensor<float, tn::dyn> sum = big + 1;
                       return Three{sum(0), sum((1 << 18) - 1), 1};
                     }).get();
  CHECK(many.to_vector() == std::vector<float>{1, 1, 1});
}
// The thread sanitizer refuses threads in a forked child.
TEST_CASE("spawn: in a forked child new threads run, old handles say that theirs are not there", "[tensor][spawn]") {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return;
#endif
#endif
  auto parents = tn::spawn([] { return three(); });
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(60);
    const bool says_so = says(refused([&] { (void)parents.get(); }),
                              "tenon::Thread: it was spawned before the fork, so it runs in the parent process only; "
                              "fix: spawn in the child what the child needs");
    const bool runs = tests::emulated || tn::spawn([](Three t) { return first(t); }, three()).get() == 1;
    _exit(says_so && runs ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(parents.get()(0) == 1);
}
#if !TENON_ASAN
TEST_CASE("spawn: a system without a thread to give leaves the arguments where they are", "[tensor][spawn]") {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return;
#endif
#endif
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit none{1 << 20, 1 << 20};
    Three t = three();
    const auto view = t.view();
    std::string said;
    std::vector<tn::Thread<void>> ended;  // not waited for yet, so they keep the stacks that the system has at hand
    ended.reserve(100);
    if (setrlimit(RLIMIT_AS, &none) != 0) _exit(2);
    constexpr std::size_t room = std::size_t{64} << 20;
    if (mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
      _exit(0);  // an emulator that knows no limits
    try {
      for (int k = 0; k < 100; ++k) ended.push_back(tn::spawn([] {}));
    } catch (const tn::Error&) {
    }
    try {
      (void)tn::spawn([](Three a, tn::Rng, int) { return a; }, std::move(t), tn::Rng(1), 3).get();
    } catch (const tn::Error& e) {
      said = e.what();
    }
    _exit(says(said, "tenon::spawn: the system gives no thread: ") && t(0) == 1 && view(1) == 2 ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
#endif
