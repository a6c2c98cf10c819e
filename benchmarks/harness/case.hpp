// What a benchmark file states: cases. One case is one piece of work that tenon and its peers do on the same input.
//
//   const bool registered = bench::add({
//       .group = "gemm square", .name = "64",
//       .work = {.flops = 2.0 * 64 * 64 * 64, .bytes = 3 * 64 * 64 * 4},
//       .goals = {bench::at_least(1.0)},
//       .prepare = [](bench::Contest& contest) {
//         auto data = std::make_shared<Data>();                        // made anew for each run, shared by all
//         contest.subject([data] { ours(*data); }, [data] { return bench::doubles(data->c); });
//         contest.peer("Eigen", [data] { theirs(*data); }, [data] { return bench::doubles(data->d); });
//       }});
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "benchmarks/harness/work.hpp"

namespace bench {

/// What the case promises. See at_least, at_most, within, of_limit.
struct Goal {
  enum class Kind { at_least, at_most, within, of_limit };
  Kind kind = Kind::at_least;
  double bound = 1;
  std::string against = {};  ///< a peer's name; empty: the fastest peer of the case
  bool as_exact = false;     ///< among the peers whose measured error is at most twice tenon's
};
/// tenon is at least `speed` times as fast as a peer (the fastest one unless named).
inline Goal at_least(double speed, std::string against = {}) {
  return {Goal::Kind::at_least, speed, std::move(against), false};
}
/// Likewise, of the fastest peer whose measured error (Contest::exact) is at most twice tenon's; others are printed and
/// not judged.
inline Goal at_least_as_exact(double speed) { return {Goal::Kind::at_least, speed, {}, true}; }
/// tenon takes at most `times` the time of a peer: for costs such as "value and gradient against the value".
inline Goal at_most(double times, std::string against) {
  return {Goal::Kind::at_most, times, std::move(against), false};
}
/// One call takes at most `seconds` on the machine the goal was written for.
inline Goal within(double seconds) { return {Goal::Kind::within, seconds, {}, false}; }
/// tenon reaches this share of the limit that the table names: of the fma peak or of a bandwidth.
inline Goal of_limit(double share) { return {Goal::Kind::of_limit, share, {}, false}; }

/// What a contender computed, to compare the contenders before anything is timed.
using Output = std::function<std::vector<double>()>;

template <class Range> std::vector<double> doubles(const Range& range) {
  return std::vector<double>(std::begin(range), std::end(range));
}

/// One side of a case. `repeat(n)` makes n calls, so the type is erased once for a batch and not once for a call.
struct Contender {
  std::string name;
  bool subject;
  std::function<void(std::int64_t)> repeat;
  Output output;
};

/// What outputs should be, and the unit that errors are counted in.
struct Exact {
  std::function<double(std::size_t)> value;  ///< element i of the output
  double floor = 0;  ///< errors count in float's last place of the exact value, or of this where that is smaller
};

/// The sides of one case. Bodies may return a value; it counts as used.
class Contest {
 public:
  /// The side that tenon stands on.
  template <class Body> void subject(Body body, Output output = {}) {
    contenders_.insert(contenders_.begin(), {"tenon", true, repeated(std::move(body)), std::move(output)});
  }
  template <class Body> void peer(std::string name, Body body, Output output = {}) {
    contenders_.push_back({std::move(name), false, repeated(std::move(body)), std::move(output)});
  }
  /// States what the outputs should be: each contender's largest error is measured and printed.
  void exact(Exact truth) { exact_ = std::move(truth); }
  const std::vector<Contender>& contenders() const { return contenders_; }
  const Exact& exact() const { return exact_; }

 private:
  template <class Body> static std::function<void(std::int64_t)> repeated(Body body) {
    return [body = std::move(body)](std::int64_t n) mutable {
      for (; n > 0; --n) {
        if constexpr (std::is_void_v<std::invoke_result_t<Body&>>) body();
        else benchmark::DoNotOptimize(body());
        benchmark::ClobberMemory();
      }
    };
  }
  std::vector<Contender> contenders_;
  Exact exact_;
};

struct Case {
  std::string group;  ///< cases of one group share a table and a chart
  std::string name;   ///< unique in its group
  Work work;
  std::vector<Goal> goals = {};
  /// Largest difference between two outputs that counts as agreement, against the largest element of the two.
  double tolerance = 1e-4;
  std::function<void(Contest&)> prepare = {};
};

/// A promise of several groups together: the geometric mean, over their cases, of the speed against the fastest peer of
/// each is at least `bound`.
struct MeanGoal {
  std::string name;
  std::vector<std::string> groups;
  double bound;
};
inline std::vector<MeanGoal>& mean_goals() {
  static std::vector<MeanGoal> all;
  return all;
}

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}
/// Returns true, so that a file may register its cases while its globals are initialised.
inline bool add(Case one) {
  cases().push_back(std::move(one));
  return true;
}

}  // namespace bench
