// What simd/parallel.hpp promises: every index once, in whole blocks, on any number of threads, and in a forked child.
#include "tenon/simd/parallel.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/catch.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace {
using tenon::Index;

// For the life of a test case; without OpenMP there is one thread whatever is asked for.
struct Threads {
#if defined(_OPENMP)
  int before = omp_get_max_threads();
  explicit Threads(int n) { omp_set_num_threads(n); }
  ~Threads() { omp_set_num_threads(before); }
#else
  explicit Threads(int) {}
#endif
};

std::vector<int> visits(Index n, Index grain) {
  std::vector<int> count(static_cast<std::size_t>(n), 0);
  tenon::simd::parallel_for(n, grain, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) ++count[static_cast<std::size_t>(i)];
  });
  return count;
}
}  // namespace

TEST_CASE("parallel_for: visits every index once", "[simd][parallel][threads]") {
  const Threads threads(GENERATE(1, 2, 3, 8));
  for (Index n : {0, 1, 2, 7, 64, 65, 1000})
    for (Index grain : {1, 3, 64, 2000}) {
      CAPTURE(n, grain);
      CHECK(visits(n, grain) == std::vector<int>(static_cast<std::size_t>(n), 1));
    }
}

TEST_CASE("parallel_for: a part begins and ends at a block's edge", "[simd][parallel][threads]") {
  const Threads threads(GENERATE(1, 2, 3, 8));
  constexpr Index n = 1000, grain = 64;
  std::atomic<int> off_edge = 0, empty = 0;
  tenon::simd::parallel_for(n, grain, [&](Index first, Index last) {
    if (first % grain != 0 || (last % grain != 0 && last != n)) ++off_edge;
    if (first >= last) ++empty;
  });
  CHECK(off_edge == 0);
  CHECK(empty == 0);
}

TEST_CASE("parallel_for: what the threads wrote is there when it returns", "[simd][parallel][threads]") {
  const Threads threads(4);
  std::vector<long> a(10000, 1);
  for (int round = 0; round < 20; ++round) {
    tenon::simd::parallel_for(static_cast<Index>(a.size()), 16, [&](Index first, Index last) {
      for (Index i = first; i < last; ++i) a[static_cast<std::size_t>(i)] += i;
    });
    for (long& x : a) x += 1;
  }
  bool right = true;
  for (std::size_t i = 0; i < a.size(); ++i) right = right && a[i] == 1 + 20 * (static_cast<long>(i) + 1);
  CHECK(right);
}

TEST_CASE("parallel_for: inside itself it runs on the thread that calls it", "[simd][parallel][threads]") {
  const Threads threads(4);
  std::atomic<int> more = 0;
  tenon::simd::parallel_for(4, 1, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) more += tenon::simd::thread_count() - 1;
  });
  // The parts of one loop run inside a parallel region, unless there is only one part.
#if defined(_OPENMP)
  CHECK(more == 0);
#endif
}

TEST_CASE("parallel_for: may be called from several threads at once", "[simd][parallel][threads]") {
  const Threads threads(2);
  std::vector<std::vector<int>> counts(3);
  std::vector<std::thread> callers;
  for (auto& count : counts) callers.emplace_back([&count] { count = visits(500, 8); });
  for (auto& caller : callers) caller.join();
  for (const auto& count : counts) CHECK(count == std::vector<int>(500, 1));
}

// The thread sanitizer refuses threads in the child of a process that had some; here the child makes none, and the
// address and plain builds test it.
TEST_CASE("parallel_for: works in a forked child after the parent used threads", "[simd][parallel]") {
  const Threads threads(4);
  REQUIRE(visits(1000, 8) == std::vector<int>(1000, 1));
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);  // a child that waits for threads it does not have would wait for ever
    const bool right = visits(1000, 8) == std::vector<int>(1000, 1) && tenon::simd::thread_count() == 1;
    _exit(right ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
