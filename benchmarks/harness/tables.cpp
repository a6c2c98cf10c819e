// The report as tables for other programs and for a README: CSV, and Markdown rows that sum up the goals.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "benchmarks/harness/report.hpp"

namespace bench {
namespace {

std::string quoted(const std::string& s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}
std::string number(double x) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", x);
  return std::isfinite(x) ? buffer : "";
}
std::string percent(double x) { return std::to_string(static_cast<int>(std::floor(100 * x))) + " %"; }

std::string beyond(const Judgement& judgement) {
  const std::string text = beyond_limit_text(judgement);
  return text.empty() ? text : " (" + text.substr(2) + ")";
}

/// How one goal of a group of cases came out.
struct Row {
  std::string group, goal;
  int met = 0, judged = 0;
  double least = 0;
  std::string missed;
};

void add(std::vector<Row>& rows, const std::string& group, const std::string& name, const Judgement& judgement) {
  auto row = std::find_if(rows.begin(), rows.end(),
                          [&](const Row& r) { return r.group == group && r.goal == judgement.goal; });
  if (row == rows.end()) row = rows.insert(row, {group, judgement.goal, 0, 0, 0, {}});
  const auto mention = [&](const std::string& what) { row->missed += (row->missed.empty() ? "" : ", ") + name + what; };
  if (judgement.verdict == Verdict::not_judged) return mention(" not judged: " + judgement.why);
  row->least = row->judged++ == 0 ? judgement.attained : std::min(row->least, judgement.attained);
  if (judgement.verdict == Verdict::met) ++row->met;
  else mention(" " + percent(judgement.attained) + beyond(judgement));
}

}  // namespace

void write_csv(std::ostream& out, const Report& report) {
  out << "group,case,threads,compiler,contender,seconds,ratio,ratio_low,ratio_high,error_ulp,limit,limit_seconds\n";
  for (const Outcome& outcome : report.outcomes) {
    const Limit limit = limit_of(report.machine, outcome.of->work);
    for (const Standing& who : outcome.standings)
      out << quoted(outcome.of->group) << ',' << quoted(outcome.of->name) << ',' << report.threads << ','
          << quoted(report.machine.compiler) << ',' << quoted(who.name) << ',' << number(who.seconds) << ','
          << number(who.ratio) << ',' << number(who.ratio_low) << ',' << number(who.ratio_high) << ','
          << (who.error < 0 ? "" : number(who.error)) << ',' << quoted(limit.name) << ','
          << (limit.seconds > 0 ? number(limit.seconds) : "") << '\n';
  }
}

void write_summary(std::ostream& out, const Report& report) {
  std::vector<Row> rows;
  for (const Outcome& outcome : report.outcomes)
    for (const Judgement& judgement : judge(report.machine, outcome))
      add(rows, outcome.of->group, outcome.of->name, judgement);
  for (const MeanGoal& goal : mean_goals()) {
    const Judgement judgement = judge_mean(goal, report.outcomes);
    if (judgement.verdict != Verdict::not_judged) add(rows, "mean", "mean", judgement);
  }
  for (const Row& row : rows)
    out << "| " << row.group << " | " << row.goal << " | " << row.met << " of " << row.judged << " | "
        << (row.judged > 0 ? percent(row.least) : "") << " | " << row.missed << " |\n";
}

}  // namespace bench
