// The report as JSON, without a library: objects and arrays that know where a comma belongs.
#include <cmath>
#include <cstdio>
#include <ostream>

#include "benchmarks/harness/report.hpp"

namespace bench {
namespace {

std::string quoted(const std::string& s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}
/// JSON knows neither infinity nor NaN.
std::string number(double x) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", x);
  return std::isfinite(x) ? buffer : "null";
}

template <class Range, class Write> std::string array(const Range& range, Write write) {
  std::string out = "[";
  for (const auto& element : range) out += (out.size() > 1 ? ", " : "") + write(element);
  return out + "]";
}

class Object {
 public:
  Object& put(const char* key, const std::string& json) {
    out_ += (out_.size() > 1 ? ", " : "") + quoted(key) + ": " + json;
    return *this;
  }
  Object& put(const char* key, double value) { return put(key, number(value)); }
  std::string text() const { return out_ + "}"; }

 private:
  std::string out_ = "{";
};

std::string json(const Level& level) {
  return Object()
      .put("name", quoted(level.name))
      .put("measured_bytes", level.measured)
      .put("read", level.read)
      .put("copy", level.copy)
      .put("triad", level.triad)
      .text();
}

std::string json(const Machine& m) {
  return Object()
      .put("processor", quoted(m.processor))
      .put("compiler", quoted(m.compiler))
      .put("instructions", quoted(m.instructions))
      .put("cores", m.cores)
      .put("lanes_f32", m.lanes_f32)
      .put("lanes_f64", m.lanes_f64)
      .put("fma_f32", m.fma_f32)
      .put("fma_f64", m.fma_f64)
      .put("levels", array(m.levels, [](const Level& level) { return json(level); }))
      .put("fork_join_threads", m.threads)
      .put("fork_join_seconds", m.fork_join)
      .text();
}

std::string json(const Outcome& outcome, std::size_t i) {
  const Standing& standing = outcome.standings[i];
  return Object()
      .put("name", quoted(standing.name))
      .put("seconds", standing.seconds)
      .put("ratio", standing.ratio)
      .put("ratio_low", standing.ratio_low)
      .put("ratio_high", standing.ratio_high)
      .put("error_ulp", standing.error < 0 ? std::nan("") : standing.error)
      .put("seconds_of_runs", array(outcome.runs, [i](const Run& run) { return number(run.seconds[i]); }))
      .put("ratio_of_runs", array(outcome.runs, [i](const Run& run) { return number(run.ratio[i]); }))
      .text();
}

std::string json(const Judgement& judgement) {
  const char* names[] = {"met", "missed", "not judged"};
  return Object()
      .put("goal", quoted(judgement.goal))
      .put("verdict", quoted(names[static_cast<int>(judgement.verdict)]))
      .put("attained", judgement.attained)
      .put("needs", judgement.needs)
      .put("why", quoted(judgement.why))
      .text();
}

std::string json(const Outcome& outcome, const Machine& machine) {
  const Case& of = *outcome.of;
  const Limit limit = limit_of(machine, of.work);
  std::string contenders;
  for (std::size_t i = 0; i < outcome.standings.size(); ++i) contenders += (i ? ",\n      " : "") + json(outcome, i);
  int preempted = 0;
  for (const Run& run : outcome.runs) preempted += run.preempted;
  return Object()
      .put("group", quoted(of.group))
      .put("name", quoted(of.name))
      .put("flops", of.work.flops)
      .put("bytes", of.work.bytes)
      .put("limit", quoted(limit.name))
      .put("limit_seconds", limit.seconds)
      .put("wrong", quoted(outcome.wrong))
      .put("preempted_batches", preempted)
      .put("goals", array(judge(machine, outcome), [](const Judgement& judgement) { return json(judgement); }))
      .put("contenders", "[\n      " + contenders + "]")
      .text();
}

}  // namespace

void write_json(std::ostream& out, const Report& report) {
  const auto names = [](const std::vector<std::string>& all) { return array(all, quoted); };
  out << "{\"format\": \"tenon benchmarks 1\",\n \"machine\": " << json(report.machine)
      << ",\n \"threads\": " << report.threads << ", \"runs\": " << report.schedule.runs
      << ", \"rounds\": " << report.schedule.rounds << ", \"batch_seconds\": " << report.schedule.batch_seconds
      << ",\n \"peers_found\": " << names(report.peers_found)
      << ",\n \"peers_missing\": " << names(report.peers_missing)
      << ",\n \"peer_kernels\": " << names(report.peer_kernels) << ",\n \"cases\": [";
  const char* separator = "\n    ";
  for (const Outcome& outcome : report.outcomes)
    out << separator << json(outcome, report.machine), separator = ",\n    ";
  out << "]}\n";
}

}  // namespace bench
