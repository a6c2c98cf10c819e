// What a person reads: tables and verdicts; and what a program reads: one JSON file (its fields stand in README.md).
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "benchmarks/harness/machine.hpp"
#include "benchmarks/harness/measure.hpp"

namespace bench {

/// A goal counts as met from 97 % on: that is what the ratios repeat to.
inline constexpr double met_from = 0.97;

enum class Verdict { met, missed, not_judged };

/// How one goal came out. `attained` is the share of the goal that was reached: 1 and above is all of it.
struct Judgement {
  std::string goal;  ///< "1.5x best", "<= 2x primal", "<= 10 us"
  Verdict verdict = Verdict::not_judged;
  double attained = 0;
  /// Share of the limit at which the goal lies: above 1 nothing can meet it on one thread of this machine. 0: unknown.
  double needs = 0;
  std::string why;  ///< when not judged
};
/// ", would take 123 % of the limit", or nothing where the goal was met, is within reach, or nobody knows.
std::string beyond_limit_text(const Judgement& judgement);
std::vector<Judgement> judge(const Machine& machine, const Outcome& outcome);
Judgement judge_mean(const MeanGoal& goal, const std::vector<Outcome>& outcomes);

/// Everything of one execution of the program.
struct Report {
  Machine machine;
  Schedule schedule;
  int threads = 1;
  std::vector<std::string> peers_found, peers_missing;
  std::vector<std::string> peer_kernels;  ///< "OpenBLAS Haswell": a library older than the processor picks a poor one
  std::vector<Outcome> outcomes;
};

void print_machine(std::ostream& out, const Report& report);

/// Prints one row, and before it a heading when the group or its set of contenders is new.
class Table {
 public:
  Table(std::ostream& out, const Machine& machine) : out_(out), machine_(machine) {}
  void row(const Outcome& outcome);

 private:
  void heading(const Outcome& outcome);
  std::ostream& out_;
  const Machine& machine_;
  std::string heading_;
  int name_width_ = 0;
};

/// Counts the goals and names the missed ones. True when nothing is wrong and no goal was missed.
bool print_verdict(std::ostream& out, const Report& report);

void write_json(std::ostream& out, const Report& report);
/// One line a contender.
void write_csv(std::ostream& out, const Report& report);
/// Rows of a Markdown table, without its heading: group, goal, how many cases met it, the least that was reached, what
/// missed it.
void write_summary(std::ostream& out, const Report& report);

/// "7.07 us", "74.2 GFLOP/s" or "12.3 GB/s".
std::string time_text(double seconds);
std::string rate_text(const Work& work, double seconds);

}  // namespace bench
