#include "benchmarks/harness/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace bench {
namespace {

template <class... Values> std::string text(const char* format, Values... values) {
  char buffer[160];
  std::snprintf(buffer, sizeof buffer, format, values...);
  return buffer;
}

std::string left(std::string s, int width) {
  s.resize(std::max(s.size(), static_cast<std::size_t>(width)), ' ');
  return s;
}
std::string right(const std::string& s, int width) {
  const auto missing = static_cast<int>(s.size()) < width ? width - static_cast<int>(s.size()) : 0;
  return std::string(static_cast<std::size_t>(missing), ' ') + s;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all.empty() ? "none" : all;
}

std::string bytes_text(double bytes) {
  return bytes >= 1 << 20 ? text("%.0f MiB", bytes / (1 << 20)) : text("%.0f KiB", bytes / 1024);
}

/// Whether a peer's error is at most twice tenon's; a sum that happens to be exact counts as one with half a unit.
bool as_exact(const Outcome& outcome, const Standing& peer) {
  return peer.error >= 0 && peer.error <= 2 * std::max(outcome.standings[0].error, 0.5);
}
/// The peer a goal is about; null when it did not take part.
const Standing* opponent(const Outcome& outcome, const Goal& goal) {
  const Standing* found = nullptr;
  for (const Standing& peer : outcome.standings) {
    if (peer.subject || (!goal.against.empty() && peer.name != goal.against)) continue;
    if (goal.as_exact && !as_exact(outcome, peer)) continue;
    if (!found || peer.ratio < found->ratio) found = &peer;
  }
  return found;
}

std::string goal_text(const Goal& goal) {
  const std::string against = !goal.against.empty() ? goal.against : goal.as_exact ? "best as exact" : "best";
  if (goal.kind == Goal::Kind::within) return "<= " + time_text(goal.bound);
  if (goal.kind == Goal::Kind::of_limit) return text("%.0f %% of the limit", 100 * goal.bound);
  return text(goal.kind == Goal::Kind::at_least ? "%gx " : "<= %gx ", goal.bound) + against;
}

Judgement judge_one(const Machine& machine, const Outcome& outcome, const Goal& goal) {
  Judgement judgement{goal_text(goal), Verdict::not_judged, 0, 0, {}};
  if (!outcome.wrong.empty()) return judgement.why = "wrong result", judgement;
  if (outcome.standings.empty() || !outcome.standings[0].subject)
    return judgement.why = "tenon takes no part", judgement;
  if (goal.kind == Goal::Kind::within) {
    judgement.attained = goal.bound / outcome.standings[0].seconds;
  } else if (goal.kind == Goal::Kind::of_limit) {
    judgement.attained = limit_of(machine, outcome.of->work).seconds / outcome.standings[0].seconds / goal.bound;
  } else {
    const Standing* peer = opponent(outcome, goal);
    if (!peer)
      return judgement.why = (goal.against.empty() ? "every such peer" : goal.against) + " is missing", judgement;
    judgement.attained = goal.kind == Goal::Kind::at_least ? peer->ratio / goal.bound : peer->ratio * goal.bound;
  }
  // What reaches the goal takes met_from of it as done.
  if (machine.contender_threads == 1 && judgement.attained > 0)
    judgement.needs =
        met_from * limit_of(machine, outcome.of->work).seconds / (outcome.standings[0].seconds * judgement.attained);
  judgement.verdict = judgement.attained >= met_from ? Verdict::met : Verdict::missed;
  return judgement;
}

std::string verdict_text(const Judgement& judgement) {
  if (judgement.verdict == Verdict::not_judged) return judgement.goal + ": not judged, " + judgement.why;
  return judgement.goal + (judgement.verdict == Verdict::met ? ": met" : ": MISSED") +
         text(" (%.0f %%", std::floor(100 * judgement.attained)) + beyond_limit_text(judgement) + ")";
}

std::string errors_line(const Outcome& outcome) {
  std::string line;
  for (const Standing& who : outcome.standings)
    if (who.error >= 0)
      line += (line.empty() ? "    largest error in ulp: " : ", ") + who.name + text(" %.3g", who.error);
  return line.empty() ? line : line + "\n";
}

constexpr int time_width = 11, rate_width = 14, limit_width = 11, least_peer_width = 8;
int peer_width(const std::string& name) { return std::max(least_peer_width, static_cast<int>(name.size())) + 2; }

}  // namespace

std::string beyond_limit_text(const Judgement& judgement) {
  if (judgement.verdict != Verdict::missed || judgement.needs <= 1) return "";
  return text(", would take %.0f %% of the limit", 100 * judgement.needs);
}

std::string time_text(double seconds) {
  const char* const units[] = {"ns", "us", "ms", "s"};
  double value = seconds * 1e9;
  int unit = 0;
  while (value >= 999.5 && unit < 3) value /= 1000, ++unit;
  return text(value < 9.995 ? "%.2f %s" : value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

std::string rate_text(const Work& work, double seconds) {
  if (work.flops > 0) return text("%.1f GFLOP/s", work.flops / seconds * 1e-9);
  return work.bytes > 0 ? text("%.1f GB/s", work.bytes / seconds * 1e-9) : "";
}

std::vector<Judgement> judge(const Machine& machine, const Outcome& outcome) {
  std::vector<Judgement> all;
  for (const Goal& goal : outcome.of->goals) all.push_back(judge_one(machine, outcome, goal));
  return all;
}

/// The cases of a mean goal that were timed: their peers' least ratios, multiplied.
Judgement judge_mean(const MeanGoal& goal, const std::vector<Outcome>& outcomes) {
  double logs = 0;
  int count = 0;
  for (const Outcome& outcome : outcomes) {
    const bool belongs = std::find(goal.groups.begin(), goal.groups.end(), outcome.of->group) != goal.groups.end();
    const Standing* peer = belongs && outcome.wrong.empty() ? opponent(outcome, Goal{}) : nullptr;
    if (peer) logs += std::log(peer->ratio), ++count;
  }
  const double mean = count > 0 ? std::exp(logs / count) : 0;
  Judgement judgement;
  judgement.goal = goal.name + text(", geometric mean of %d cases %.3fx: %gx best", count, mean, goal.bound);
  if (count == 0) return judgement.why = "none was timed", judgement;
  judgement.attained = mean / goal.bound;
  judgement.verdict = judgement.attained >= met_from ? Verdict::met : Verdict::missed;
  return judgement;
}

void print_machine(std::ostream& out, const Report& report) {
  const Machine& m = report.machine;
  out << m.processor << ", " << m.cores << " cores; " << m.instructions << ", " << m.lanes_f32 << " floats a lane; "
      << m.compiler << "\n\nLimits of one thread\n"
      << text("  fma float   %8.1f GFLOP/s\n  fma double  %8.1f GFLOP/s\n", m.fma_f32 * 1e-9, m.fma_f64 * 1e-9)
      << text("  %-6s %9s %10s %10s %10s   GB/s\n", "level", "measured", "read", "copy", "triad");
  for (const Level& level : m.levels)
    out << text("  %-6s %9s %10.1f %10.1f %10.1f\n", level.name.c_str(), bytes_text(level.measured).c_str(),
                level.read * 1e-9, level.copy * 1e-9, level.triad * 1e-9);
  if (m.fork_join > 0) out << "  fork and join of " << m.threads << " threads " << time_text(m.fork_join) << "\n";
  out << "\nPeers found:   " << joined(report.peers_found) << "\nPeers missing: " << joined(report.peers_missing)
      << "\nTheir kernels: " << joined(report.peer_kernels) << "\nEach case: " << report.threads
      << (report.threads == 1 ? " thread; " : " threads; ") << report.schedule.runs << " runs of "
      << report.schedule.rounds << " rounds, taking turns; medians.\n"
      << "A peer's column is its time over the time of tenon: above 1 tenon is faster. Where tenon takes no part,\n"
      << "columns are times. Share of limit: against the fma peak or the bandwidth of the level the data fits in.\n"
      << std::flush;
}

void Table::heading(const Outcome& outcome) {
  std::string line = right("time", time_width) + right("rate", rate_width) + right("of limit", limit_width);
  for (const Standing& peer : outcome.standings)
    if (!peer.subject) line += right(peer.name, peer_width(peer.name));
  const std::string key = outcome.of->group + line;
  if (key == heading_) return;
  heading_ = key;
  name_width_ = 4;
  for (const Case& other : cases())
    if (other.group == outcome.of->group) name_width_ = std::max(name_width_, static_cast<int>(other.name.size()));
  out_ << "\n" << outcome.of->group << "\n  " << left("case", name_width_) << line << "   goal\n";
}

void Table::row(const Outcome& outcome) {
  heading(outcome);
  out_ << "  " << left(outcome.of->name, name_width_);
  if (outcome.standings.empty()) {
    out_ << "   " << (outcome.wrong.empty() ? "no contender was found" : "WRONG: " + outcome.wrong) << "\n"
         << std::flush;
    return;
  }
  const Standing& first = outcome.standings[0];
  const Work& work = outcome.of->work;
  const Limit limit = limit_of(machine_, work);
  const std::string share =
      limit.seconds > 0 ? text("%.0f %% ", 100 * limit.seconds / first.seconds) + left(limit.name, 4) : "";
  out_ << right(first.subject ? time_text(first.seconds) : "-", time_width)
       << right(first.subject ? rate_text(work, first.seconds) : "-", rate_width)
       << right(first.subject ? share : "-", limit_width);
  for (const Standing& peer : outcome.standings)
    if (!peer.subject)
      out_ << right(first.subject ? text("%.2fx", peer.ratio) : time_text(peer.seconds), peer_width(peer.name));
  const char* gap = "   ";
  for (const Judgement& judgement : judge(machine_, outcome)) out_ << gap << verdict_text(judgement), gap = "; ";
  out_ << "\n" << errors_line(outcome) << std::flush;
}

bool print_verdict(std::ostream& out, const Report& report) {
  int met = 0, missed = 0, not_judged = 0, means = 0, beyond = 0;
  std::string list;
  bool right_results = true;
  for (const Outcome& outcome : report.outcomes) {
    const std::string name = "  " + outcome.of->group + " / " + outcome.of->name + ": ";
    if (!outcome.wrong.empty()) right_results = false, list += name + "WRONG, " + outcome.wrong + "\n";
    for (const Judgement& judgement : judge(report.machine, outcome)) {
      ++(judgement.verdict == Verdict::met ? met : judgement.verdict == Verdict::missed ? missed : not_judged);
      if (judgement.verdict == Verdict::missed) list += name + verdict_text(judgement) + "\n";
      if (!beyond_limit_text(judgement).empty()) ++beyond;
    }
  }
  for (const MeanGoal& goal : mean_goals()) {
    const Judgement judgement = judge_mean(goal, report.outcomes);
    if (judgement.verdict == Verdict::not_judged) continue;  // the filter left none of its cases
    ++(judgement.verdict == Verdict::met ? met : missed);
    out << (means++ == 0 ? "\n" : "") << verdict_text(judgement) << "\n";
    if (judgement.verdict == Verdict::missed) list += "  " + verdict_text(judgement) + "\n";
  }
  out << "\nVerdict: " << met << " of " << met + missed << " goals met (from " << 100 * met_from << " % on)";
  if (not_judged > 0) out << ", " << not_judged << " not judged";
  if (beyond > 0) out << "; of the others " << beyond << " would take more than the limit";
  out << (list.empty() ? ".\n" : "; missed or wrong:\n") << list << std::flush;
  return right_results && missed == 0;
}

}  // namespace bench
