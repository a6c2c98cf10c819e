// Interleaved measuring. On a shared machine the same code runs up to 1.5 times slower from one minute to the next;
// the ratio of two codes that take turns every few milliseconds repeats to 2-3 %. Hence:
//   batch   as many calls of one contender as last `batch_seconds`, timed together after an untimed warm-up
//   round   one batch of every contender, in an order that rotates from round to round
//   run     `rounds` rounds; the ratio of two contenders is formed within each round, the run's is the median
//   outcome the median over `runs` runs, each with freshly made data
// A batch during which the operating system took the processor away is thrown away and repeated, three times at most;
// not one of a single long call, which on a busy machine is interrupted every time: there the median has to do. A run
// that has taken `patience` seconds stops after five rounds or more.
#pragma once

#include <string>
#include <vector>

#include "benchmarks/harness/case.hpp"

namespace bench {

struct Schedule {
  int runs = 5;
  int rounds = 15;
  double batch_seconds = 2e-3;
  double patience = 2;
  int minutes = 0;  ///< of all cases together, 0: as long as it takes
};

/// One interleaved run; both vectors follow the order of the contenders.
struct Run {
  std::vector<double> seconds;  ///< for one call, median over the rounds
  std::vector<double> ratio;    ///< time over the time of the first contender, median over the rounds
  int preempted = 0;            ///< batches during which the processor was taken away
};

/// One side's share of the outcome of a case.
struct Standing {
  std::string name;
  bool subject = false;
  double seconds = 0;
  double ratio = 0;                      ///< time over the first contender's time: above 1, the first is faster
  double ratio_low = 0, ratio_high = 0;  ///< extremes over the runs
  double error = -1;                     ///< the largest, in float's last place; below 0: not measured
};

struct Outcome {
  const Case* of = nullptr;
  std::vector<Standing> standings;  ///< tenon first, when it takes part
  std::vector<Run> runs;
  std::vector<double> errors;  ///< of the contenders, when the contest says what is exact
  std::string wrong;           ///< not empty: the contenders disagree, and nothing was timed
};

double median(std::vector<double> values);

/// Names the first two contenders whose outputs differ by more than the tolerance; empty when all agree. Each is
/// called once.
std::string disagreement(const Contest& contest, double tolerance);

/// The largest error of each contender in units of float's last place, -1 for one without output; empty when the contest
/// does not say what is exact. Each is called once.
std::vector<double> errors(const Contest& contest);

/// Pre: the contest has a contender.
Run interleave(const Contest& contest, const Schedule& schedule);

/// Fills `standings` from `runs`. Pre: there is a run.
void settle(Outcome& outcome, const Contest& contest);

}  // namespace bench
