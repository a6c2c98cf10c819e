// The program. How it stands on Google Benchmark:
//   - Google Benchmark holds the cases, runs them, keeps results alive (DoNotOptimize,
//     ClobberMemory), and writes its own formats when asked (--benchmark_out).
//   - It times one function at a time, many iterations in a row. Our question is how two codes compare on a machine
//     whose speed drifts, which needs them to take turns within milliseconds. So a case is ONE benchmark, an iteration
//     of it is one interleaved run (measure.hpp), and a repetition is another run with new data. The manual time it is
//     given is the median time of one call of the first contender, the counters are the ratios: what Google Benchmark
//     prints or writes is true, only its notion of an iteration is coarser.
//   - A reporter of our own prints the table as the cases finish.
#include <benchmark/benchmark.h>

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(_OPENMP)
#include <omp.h>
#endif

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>

#include "benchmarks/harness/chart.hpp"
#include "benchmarks/harness/report.hpp"
#include "benchmarks/peers/blas.hpp"

namespace {

struct Options {
  std::string json, csv, summary, charts, filter;
  std::vector<std::string> environment;  // NAME=VALUE
  int threads = 1;
  bool strict = false, list = false, limits_only = false;
  bench::Schedule schedule;
};

const char* const help =
    "tenon_bench [options] [Google Benchmark's options]\n"
    "  --filter REGEX   only the cases whose \"group / name\" matches\n"
    "  --list           name the cases and stop\n"
    "  --limits         measure the machine and stop\n"
    "  --quick          1 run of 5 rounds: for a first look, ratios to 10 %\n"
    "  --runs N         interleaved runs a case (5)\n"
    "  --rounds N       rounds a run (15)\n"
    "  --threads N      threads for tenon and the peers (1); with 1 the program stays on one core\n"
    "  --env NAME=VALUE sets a variable before a peer is loaded, e.g. OPENBLAS_CORETYPE=SkylakeX\n"
    "  --json FILE      write everything\n"
    "  --csv FILE       write a line a contender\n"
    "  --summary FILE   write the goals as rows of a Markdown table: group, goal, met, least reached, missed\n"
    "  --minutes N      leave out runs, but no case, where all would take longer than this\n"
    "  --charts FOLDER  write one SVG for each group\n"
    "  --strict         exit with 2 when a goal is missed\n";

/// Takes our options out of argv; the rest belongs to Google Benchmark.
Options take_options(int& argc, char** argv) {
  Options options;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 < argc) return argv[++i];
      std::cerr << word << " needs a value\n" << help;
      std::exit(64);
    };
    const auto count = [&] {
      const int n = std::atoi(value().c_str());
      if (n > 0) return n;
      std::cerr << word << " needs a positive number\n";
      std::exit(64);
    };
    if (word == "--filter") options.filter = value();
    else if (word == "--env") options.environment.push_back(value());
    else if (word == "--json") options.json = value();
    else if (word == "--csv") options.csv = value();
    else if (word == "--summary") options.summary = value();
    else if (word == "--minutes") options.schedule.minutes = count();
    else if (word == "--charts") options.charts = value();
    else if (word == "--runs") options.schedule.runs = count();
    else if (word == "--rounds") options.schedule.rounds = count();
    else if (word == "--threads") options.threads = count();
    else if (word == "--quick") options.schedule.runs = 1, options.schedule.rounds = 5;
    else if (word == "--strict") options.strict = true;
    else if (word == "--list") options.list = true;
    else if (word == "--limits") options.limits_only = true;
    else if (word == "--help") std::cout << help, std::exit(0);
    else argv[kept++] = argv[i];
  }
  argv[argc = kept] = nullptr;
  return options;
}

std::string full_name(const bench::Case& one) { return one.group + " / " + one.name; }

/// Thread counts for every library that reads one, before any of them is loaded; and no tuning left over from a shell.
/// What --env says comes last.
void set_environment(int threads, const std::vector<std::string>& more) {
  const std::string count = std::to_string(threads);
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS"})
    setenv(name, count.c_str(), 1);
  for (const char* name : {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}) unsetenv(name);
  for (const std::string& variable : more) {
    const std::size_t equals = variable.find('=');
    if (equals != std::string::npos) setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  }
#if defined(_OPENMP)
  omp_set_num_threads(threads);
#endif
}

/// Keeps this thread on the last core it may use: the first one serves most interrupts.
void pin_to_one_core() {
#if defined(__linux__)
  cpu_set_t allowed, one;
  CPU_ZERO(&one);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (int core = CPU_SETSIZE - 1; core >= 0; --core) {
    if (!CPU_ISSET(core, &allowed)) continue;
    CPU_SET(core, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
#endif
}

std::vector<std::string> words(const char* list) {
  std::vector<std::string> all;
  for (const char* at = list; *at;) {
    const char* end = std::strchr(at, ';');
    all.emplace_back(at, end ? static_cast<std::size_t>(end - at) : std::strlen(at));
    at = end ? end + 1 : at + std::strlen(at);
  }
  return all;
}

using Outcomes = std::map<std::string, bench::Outcome>;

/// Leaves out runs where the whole is late: at a share of all cases, more than that share of the time is gone.
class Pace {
 public:
  explicit Pace(const bench::Schedule& schedule) : seconds_(60.0 * schedule.minutes) {}
  bool late(double share) const {
    const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - start_;
    return seconds_ > 0 && gone.count() > share * seconds_;
  }

 private:
  double seconds_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One repetition of one case: prepares the data, compares the contenders, makes one interleaved run.
void run_case(benchmark::State& state, const bench::Case& one, const bench::Schedule& schedule, const Pace& pace,
              bench::Outcome& out) {
  const auto cases = static_cast<double>(bench::cases().size());
  const auto done = static_cast<double>(&one - bench::cases().data());
  const double runs = static_cast<double>(out.runs.size()) / schedule.runs;
  if (!out.runs.empty() && pace.late((done + runs) / cases)) {  // Google Benchmark wants its iteration all the same
    for (auto iteration : state) {
      (void)iteration;
      state.SetIterationTime(out.runs.back().seconds[0]);
    }
    return;
  }
  bench::Contest contest;
  one.prepare(contest);
  if (contest.contenders().empty()) return state.SkipWithError("no contender");
  if (out.wrong.empty()) out.wrong = bench::disagreement(contest, one.tolerance);
  if (out.errors.empty() && out.wrong.empty()) out.errors = bench::errors(contest);
  if (!out.wrong.empty()) return state.SkipWithError(out.wrong.c_str());
  for (auto iteration : state) {
    (void)iteration;
    out.runs.push_back(bench::interleave(contest, schedule));
    state.SetIterationTime(out.runs.back().seconds[0]);
  }
  bench::settle(out, contest);
  for (std::size_t i = 1; i < contest.contenders().size(); ++i)
    state.counters[contest.contenders()[i].name] = out.runs.back().ratio[i];
}

class Reporter : public benchmark::BenchmarkReporter {
 public:
  Reporter(bench::Report& report, Outcomes& outcomes)
      : report_(report), outcomes_(outcomes), table_(std::cout, report.machine) {}
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    const auto found = runs.empty() ? outcomes_.end() : outcomes_.find(runs[0].run_name.function_name);
    if (found == outcomes_.end() || runs[0].run_type == Run::RT_Aggregate) return;
    report_.outcomes.push_back(found->second);
    table_.row(found->second);
  }

 private:
  bench::Report& report_;
  Outcomes& outcomes_;
  bench::Table table_;
};

void register_cases(Outcomes& outcomes, const bench::Schedule& schedule, const Pace& pace) {
  for (const bench::Case& one : bench::cases()) {
    bench::Outcome& outcome = outcomes[full_name(one)];
    outcome.of = &one;
    const auto body = [&one, &outcome, &schedule, &pace](benchmark::State& state) {
      run_case(state, one, schedule, pace, outcome);
    };
    benchmark::RegisterBenchmark(full_name(one).c_str(), body)
        ->UseManualTime()
        ->Iterations(1)
        ->Repetitions(schedule.runs);
  }
}

/// Keeps the cases whose full name matches. False when that leaves none; throws std::regex_error.
bool keep_matching(const std::string& expression) {
  if (expression.empty()) return true;
  const std::regex wanted(expression, std::regex::extended);
  std::erase_if(bench::cases(), [&](const bench::Case& one) { return !std::regex_search(full_name(one), wanted); });
  return !bench::cases().empty();
}

/// Chooses the cases, and hands what is left of the command line to Google Benchmark. False after a wrong word.
bool initialize(int argc, char** argv, const std::string& filter) {
  try {
    if (!keep_matching(filter)) return std::cerr << "no case matches " << filter << "\n", false;
  } catch (const std::regex_error&) {
    return std::cerr << "not a regular expression: " << filter << "\n", false;
  }
  benchmark::Initialize(&argc, argv);
  if (!benchmark::ReportUnrecognizedArguments(argc, argv)) return true;
  return std::cerr << help, false;
}

/// The machine and the peers; from here on the program stays on one core if it is to use one.
void prepare(bench::Report& report, const Options& options) {
  report.schedule = options.schedule;
  report.threads = options.threads;
  report.peers_found = words(TENON_BENCH_PEERS_FOUND);
  report.peers_missing = words(TENON_BENCH_PEERS_MISSING);
  set_environment(options.threads, options.environment);
  for (const bench::Blas& blas : bench::blas_libraries())
    if (!blas.kernel().empty()) report.peer_kernels.push_back(blas.name() + " " + blas.kernel());
  int team = 1;
  const double fork_join = bench::measure_fork_join(team);
  if (options.threads == 1) pin_to_one_core();
  report.machine = bench::measure_machine();
  report.machine.threads = team, report.machine.fork_join = fork_join;
  report.machine.contender_threads = options.threads;
}

int list_cases() {
  for (const bench::Case& one : bench::cases()) std::cout << full_name(one) << "\n";
  return 0;
}

bool write_files(const Options& options, const bench::Report& report) {
  bool good = true;
  const auto write = [&](const std::string& path, void (*how)(std::ostream&, const bench::Report&)) {
    if (path.empty()) return;
    std::ofstream file(path);
    how(file, report);
    const bool written = file.flush().good();
    (written ? std::cout << "Written: " : std::cerr << "cannot write ") << path << "\n";
    good = good && written;
  };
  write(options.json, bench::write_json);
  write(options.csv, bench::write_csv);
  write(options.summary, bench::write_summary);
  if (!options.charts.empty()) {
    const std::string failed = bench::write_charts(options.charts, report);
    if (failed.empty()) std::cout << "Charts: " << options.charts << "/*.svg\n";
    else std::cerr << "cannot write " << failed << "\n", good = false;
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = take_options(argc, argv);
  if (!initialize(argc, argv, options.filter)) return 64;
  if (options.list) return list_cases();
  bench::Report report;
  prepare(report, options);
  bench::print_machine(std::cout, report);

  bool good = true;
  if (!options.limits_only) {
    Outcomes outcomes;
    const Pace pace(report.schedule);
    register_cases(outcomes, report.schedule, pace);
    Reporter reporter(report, outcomes);
    benchmark::RunSpecifiedBenchmarks(&reporter);
    good = bench::print_verdict(std::cout, report);
  }
  if (!write_files(options, report)) return 1;
  for (const bench::Outcome& outcome : report.outcomes)
    if (!outcome.wrong.empty()) return 1;
  return options.strict && !good ? 2 : 0;
}
