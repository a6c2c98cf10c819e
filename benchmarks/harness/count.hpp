// What a program in instructions/ states: variants, each of which repeats one piece of work n times, and goals.
// count.sh runs a variant under callgrind with two values of n; the slope is the instructions of one repetition,
// without start-up. The program itself answers
//   count_x --list             "variant <name>", "goal <variant> <kind> <bound> <against>" and "memory <variant>" a
//   line,
//                              and "n <n1> <n2>"
//   count_x <variant> <n>      runs it
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

class Counting {
 public:
  using Repeat = std::function<void(std::int64_t)>;

  /// n1 < n2: the two numbers of repetitions. A few hundred, or a few when one repetition is long.
  explicit Counting(std::int64_t n1 = 200, std::int64_t n2 = 1200) : n1_(n1), n2_(n2) {}

  /// `name` has no blanks. What body returns counts as used, and memory as read.
  template <class Body> Counting& variant(std::string name, Body body) {
    variants_.push_back({std::move(name), [body = std::move(body)](std::int64_t n) mutable {
                           for (; n > 0; --n) {
                             if constexpr (std::is_void_v<decltype(body())>) body();
                             else benchmark::DoNotOptimize(body());
                             benchmark::ClobberMemory();
                           }
                         }});
    return *this;
  }
  /// As variant, for work that ends as a whole, such as a tape of n ops: body(n) makes the repetitions itself.
  Counting& whole(std::string name, Repeat body) {
    variants_.push_back({std::move(name), std::move(body)});
    return *this;
  }
  /// The slope of `variant` is at most `bound` instructions.
  Counting& at_most(const std::string& variant, double bound) { return goal(variant, "instructions", bound, "-"); }
  /// At most `bound` times the slope of `against`; "unchecked" means the same variant built with TENON_CHECKS=0, for
  /// programs whose file is named *_checks.cpp.
  Counting& at_most_times(const std::string& variant, double bound, const std::string& against) {
    return goal(variant, "ratio", bound, against);
  }
  /// At most `bound` instructions more than `against`.
  Counting& at_most_more(const std::string& variant, double bound, const std::string& against) {
    return goal(variant, "difference", bound, against);
  }
  /// A repetition asks for no memory: no allocation on the heap, and no system call that maps memory. Counted for this
  /// variant besides its instructions.
  Counting& no_memory(const std::string& variant) {
    memory_.push_back(variant);
    goal(variant + "@allocations", "count", 0, "-");
    return goal(variant + "@system_calls", "count", 0, "-");
  }

  /// For main: returns its exit status.
  int run(int argc, char** argv) {
    if (argc == 2 && !std::strcmp(argv[1], "--list")) return list();
    const std::int64_t n = argc == 3 ? std::atoll(argv[2]) : 0;
    for (auto& [name, repeat] : variants_)
      if (argc == 3 && name == argv[1]) {
#ifdef _OPENMP
        // The library of OpenMP starts up here, which takes it more instructions or fewer from time to time.
#pragma omp parallel
        {}
#endif
        return counted_repetitions(repeat, n), 0;
      }
    std::fprintf(stderr, "usage: %s --list | <variant> <repetitions>\n", argv[0]);
    return 64;
  }

 private:
  /// What count.sh has callgrind count, by this name: start-up differs from one execution to another.
  [[gnu::noinline]] static void counted_repetitions(const Repeat& repeat, std::int64_t n) {
    repeat(n);
    benchmark::ClobberMemory();  // no tail call
  }
  Counting& goal(const std::string& variant, const char* kind, double bound, const std::string& against) {
    char number[32];
    std::snprintf(number, sizeof number, " %g ", bound);
    goals_.push_back(variant + " " + kind + number + against);
    return *this;
  }
  int list() const {
    std::printf("n %lld %lld\n", static_cast<long long>(n1_), static_cast<long long>(n2_));
    for (const auto& [name, repeat] : variants_) std::printf("variant %s\n", name.c_str());
    for (const std::string& variant : memory_) std::printf("memory %s\n", variant.c_str());
    for (const std::string& goal : goals_) std::printf("goal %s\n", goal.c_str());
    return 0;
  }

  std::int64_t n1_, n2_;
  std::vector<std::pair<std::string, Repeat>> variants_;
  std::vector<std::string> memory_, goals_;
};

}  // namespace bench
