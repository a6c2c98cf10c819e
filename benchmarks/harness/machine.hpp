// The limits of this machine, measured: what a perfect kernel could reach on one thread. Every figure is the best of
// several short batches, since a limit is what the machine can do when nobody disturbs it.
#pragma once

#include <string>
#include <vector>

#include "benchmarks/harness/case.hpp"

namespace bench {

/// Bandwidths in bytes a second, counted as STREAM does: bytes the program names, not the cache lines fetched for it.
struct Level {
  std::string name;     ///< L1, L2, L3 or DRAM
  double size = 0;      ///< bytes this level holds
  double measured = 0;  ///< bytes of the working set of the measurement
  double read = 0;      ///< sum of one array
  double copy = 0;      ///< y = x, the better of a SIMD loop and memcpy (which bypasses the cache for large arrays)
  double triad = 0;     ///< z = x + a y
};

struct Machine {
  std::string processor, compiler, instructions;
  int cores = 0;
  int lanes_f32 = 0, lanes_f64 = 0;
  double fma_f32 = 0, fma_f64 = 0;  ///< flops a second; one fused multiply-add counts as two
  std::vector<Level> levels;        ///< from the nearest to memory
  int threads = 1;                  ///< that took part in the fork and join
  double fork_join = 0;             ///< seconds of one empty parallel region; 0 without OpenMP
  int contender_threads = 1;        ///< what each contender may use; the limits are of one thread
};

/// Takes about two seconds. Pins nothing; the caller does.
Machine measure_machine();

/// Seconds of one empty OpenMP region over all cores, the tenth percentile: a region during which another program holds
/// one of the cores takes milliseconds. 0 without OpenMP. Call it before the thread is pinned.
double measure_fork_join(int& threads);

/// The roofline: no implementation does `work` faster on one thread. `name` is "fma", the level, "fma+L3" where both take
/// turns, or "" when the work states nothing.
struct Limit {
  std::string name;
  double seconds = 0;
};
Limit limit_of(const Machine& machine, const Work& work);

}  // namespace bench
