#include "benchmarks/harness/measure.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace bench {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// How often this thread lost its processor against its will.
long preemptions() {
  rusage usage{};
#if defined(RUSAGE_THREAD)
  getrusage(RUSAGE_THREAD, &usage);
#else
  getrusage(RUSAGE_SELF, &usage);
#endif
  return usage.ru_nivcsw;
}

double timed(const Contender& who, std::int64_t calls) {
  const double start = now();
  who.repeat(calls);
  return now() - start;
}

/// The number of calls that fill a batch. Doubles from one call on, so the first batches warm everything up.
std::int64_t calls_for(const Contender& who, double batch_seconds) {
  std::int64_t calls = 1;
  for (;;) {
    const double seconds = timed(who, calls);
    if (seconds >= batch_seconds) return calls;
    const double wanted = 1.1 * batch_seconds / std::max(seconds, 1e-9) * static_cast<double>(calls);
    calls = std::clamp(static_cast<std::int64_t>(std::ceil(wanted)), calls + 1, 10 * calls);
  }
}

double seconds_of_a_call(const Contender& who, std::int64_t calls, int& preempted) {
  constexpr int attempts = 4;
  double seconds = 0;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    who.repeat(std::max<std::int64_t>(calls / 16, calls > 1));  // the other side's data is in the cache: take it back
    const long before = preemptions();
    seconds = timed(who, calls) / static_cast<double>(calls);
    if (preemptions() == before) break;
    ++preempted;
    if (calls == 1) break;
  }
  return seconds;
}

bool close(double x, double y, double scale, double tolerance) {
  return std::abs(x - y) <= tolerance * scale || (std::isnan(x) && std::isnan(y));
}

std::string first_difference(const std::vector<double>& x, const std::vector<double>& y, double tolerance) {
  if (x.size() != y.size()) return std::to_string(x.size()) + " against " + std::to_string(y.size()) + " elements";
  double scale = 0;
  for (std::size_t i = 0; i < x.size(); ++i) scale = std::max({scale, std::abs(x[i]), std::abs(y[i])});
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (close(x[i], y[i], scale, tolerance)) continue;
    return "element " + std::to_string(i) + ": " + std::to_string(x[i]) + " against " + std::to_string(y[i]);
  }
  return {};
}

double largest_error(const std::vector<double>& y, const Exact& exact) {
  constexpr int fraction_bits = 23;
  double largest = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double want = exact.value(i), size = std::max(std::abs(want), exact.floor);
    const double unit = size > 0 ? std::ldexp(1.0, std::ilogb(size) - fraction_bits) : 1;
    const double error = std::abs(y[i] - want) / unit;
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

}  // namespace

double median(std::vector<double> values) {
  const std::size_t middle = values.size() / 2;
  std::sort(values.begin(), values.end());
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string disagreement(const Contest& contest, double tolerance) {
  const Contender* first = nullptr;
  std::vector<double> expected;
  for (const Contender& who : contest.contenders()) {
    if (!who.output) continue;
    who.repeat(1);
    if (!first) {
      first = &who, expected = who.output();
      continue;
    }
    const std::string difference = first_difference(expected, who.output(), tolerance);
    if (!difference.empty()) return first->name + " and " + who.name + " disagree: " + difference;
  }
  return {};
}

std::vector<double> errors(const Contest& contest) {
  std::vector<double> all;
  if (!contest.exact().value) return all;
  for (const Contender& who : contest.contenders()) {
    if (who.output) who.repeat(1);
    all.push_back(who.output ? largest_error(who.output(), contest.exact()) : -1);
  }
  return all;
}

Run interleave(const Contest& contest, const Schedule& schedule) {
  const auto& contenders = contest.contenders();
  const std::size_t count = contenders.size();
  std::vector<std::int64_t> calls;
  for (const Contender& who : contenders) calls.push_back(calls_for(who, schedule.batch_seconds));

  Run run;
  std::vector<std::vector<double>> seconds(count), ratio(count);
  const double start = now();
  for (int round = 0; round < schedule.rounds; ++round) {
    if (round >= 5 && now() > start + schedule.patience) break;
    std::vector<double> now_seconds(count);
    for (std::size_t turn = 0; turn < count; ++turn) {
      const std::size_t i = (turn + static_cast<std::size_t>(round)) % count;
      now_seconds[i] = seconds_of_a_call(contenders[i], calls[i], run.preempted);
    }
    for (std::size_t i = 0; i < count; ++i) {
      seconds[i].push_back(now_seconds[i]);
      ratio[i].push_back(now_seconds[i] / now_seconds[0]);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    run.seconds.push_back(median(seconds[i]));
    run.ratio.push_back(median(ratio[i]));
  }
  return run;
}

void settle(Outcome& outcome, const Contest& contest) {
  outcome.standings.clear();
  for (std::size_t i = 0; i < contest.contenders().size(); ++i) {
    std::vector<double> seconds, ratio;
    for (const Run& run : outcome.runs) seconds.push_back(run.seconds[i]), ratio.push_back(run.ratio[i]);
    const auto [low, high] = std::minmax_element(ratio.begin(), ratio.end());
    const Contender& who = contest.contenders()[i];
    outcome.standings.push_back({who.name, who.subject, median(seconds), median(ratio), *low, *high,
                                 outcome.errors.empty() ? -1 : outcome.errors[i]});
  }
}

}  // namespace bench
