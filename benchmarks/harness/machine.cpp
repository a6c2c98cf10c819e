#include "benchmarks/harness/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>

#include "tenon/simd/batch.hpp"
#if defined(_OPENMP)
#include <omp.h>
#endif

namespace bench {
namespace {

using tenon::Index;
template <class T> using Lanes = tenon::simd::Batch<T>;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// The best seconds of one call over 15 batches of at least two milliseconds; over fewer, but three, when that takes
/// longer than a third of a second.
template <class Body> double best_seconds(Body body) {
  constexpr double batch_seconds = 2e-3, patience = 0.33;
  long calls = 1;
  double best = 1e30, total = 0;
  for (int batch = 0; batch < 3 || (batch < 15 && total < patience);) {
    const double start = now();
    for (long i = 0; i < calls; ++i) body();
    const double seconds = now() - start;
    best = std::min(best, seconds / static_cast<double>(calls));
    if (seconds < batch_seconds) calls *= 2;
    else ++batch, total += seconds;
  }
  return best;
}

/// Two pipes of latency four need eight chains; twelve leave room and fit sixteen registers with both factors.
template <class T> double fma_flops() {
  constexpr int chains = 12, steps = 256;
  Lanes<T> sum[chains];
  for (int c = 0; c < chains; ++c) sum[c] = Lanes<T>(static_cast<T>(c));
  T factor = T(0.5), term = T(1);
  benchmark::DoNotOptimize(factor);
  benchmark::DoNotOptimize(term);
  const double seconds = best_seconds([&] {
    const Lanes<T> a(factor), b(term);
    Lanes<T> s[chains];
#pragma GCC unroll 12
    for (int c = 0; c < chains; ++c) s[c] = sum[c];
    for (int i = 0; i < steps; ++i) {
#pragma GCC unroll 12
      for (int c = 0; c < chains; ++c) s[c] = fma(s[c], a, b);
    }
#pragma GCC unroll 12
    for (int c = 0; c < chains; ++c) sum[c] = s[c];
    benchmark::DoNotOptimize(sum);
  });
  return 2.0 * chains * steps * static_cast<double>(Lanes<T>::size) / seconds;
}

constexpr Index unroll = 8;
constexpr Index step = unroll * Lanes<float>::size;

/// Eight sums: fewer would wait for the additions, not for the loads.
/// Pre (of the three loops): n is a multiple of `step`, pointers are aligned to 64 bytes.
float read_loop(const float* x, Index n) {
  Lanes<float> sum[unroll];
#pragma GCC unroll 8
  for (Index u = 0; u < unroll; ++u) sum[u] = Lanes<float>(0.0f);
  for (Index i = 0; i < n; i += step) {
#pragma GCC unroll 8
    for (Index u = 0; u < unroll; ++u) sum[u] += Lanes<float>::load_aligned(x + i + u * Lanes<float>::size);
  }
  float total = 0;
  for (Index u = 0; u < unroll; ++u) total += reduce_add(sum[u]);
  return total;
}
void copy_loop(const float* x, float* y, Index n) {
  for (Index i = 0; i < n; i += step) {
#pragma GCC unroll 8
    for (Index u = 0; u < unroll; ++u) {
      const Index at = i + u * Lanes<float>::size;
      Lanes<float>::load_aligned(x + at).store_aligned(y + at);
    }
  }
}
void triad_loop(const float* x, const float* y, float a, float* z, Index n) {
  for (Index i = 0; i < n; i += step) {
#pragma GCC unroll 8
    for (Index u = 0; u < unroll; ++u) {
      const Index at = i + u * Lanes<float>::size;
      fma(Lanes<float>(a), Lanes<float>::load_aligned(y + at), Lanes<float>::load_aligned(x + at))
          .store_aligned(z + at);
    }
  }
}

struct Free {
  void operator()(float* p) const { std::free(p); }
};
using Buffer = std::unique_ptr<float[], Free>;

/// Touched once, so that no page fault falls into a measurement.
Buffer make_buffer(Index n) {
  const std::size_t bytes = static_cast<std::size_t>(n) * sizeof(float);
  Buffer buffer(static_cast<float*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
  if (!buffer) throw std::bad_alloc();
  for (Index i = 0; i < n; ++i) buffer[static_cast<std::size_t>(i)] = 1.0f;
  return buffer;
}

Index whole_steps(double bytes) { return std::max<Index>(static_cast<Index>(bytes / 4 / step), 1) * step; }

/// One, two or three arrays, one behind the other, fill the first `level.measured` bytes of `memory`.
void measure_level(Level& level, float* memory) {
  Index n = whole_steps(level.measured);
  level.read = 4.0 * static_cast<double>(n) / best_seconds([&] {
                 float sum = read_loop(memory, n);
                 benchmark::DoNotOptimize(sum);
               });
  n = whole_steps(level.measured / 2);
  const std::size_t bytes = static_cast<std::size_t>(n) * sizeof(float);
  const double loop = best_seconds([&] { copy_loop(memory, memory + n, n), benchmark::ClobberMemory(); });
  const double library = best_seconds([&] { std::memcpy(memory + n, memory, bytes), benchmark::ClobberMemory(); });
  level.copy = 8.0 * static_cast<double>(n) / std::min(loop, library);
  n = whole_steps(level.measured / 3);
  level.triad = 12.0 * static_cast<double>(n) / best_seconds([&] {
                  triad_loop(memory, memory + n, 2.0f, memory + 2 * n, n), benchmark::ClobberMemory();
                });
}

std::string first_line(const std::string& path) {
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  return line;
}

/// Bytes of the data cache of this level: the kernel's files, then the C library, then a modest processor's.
double cache_bytes(int level) {
  for (int index = 0; index < 8; ++index) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
    if (first_line(folder + "level") != std::to_string(level) || first_line(folder + "type") == "Instruction") continue;
    const std::string size = first_line(folder + "size");
    const double unit = size.empty() ? 0 : size.back() == 'K' ? 1024.0 : size.back() == 'M' ? 1024.0 * 1024 : 1.0;
    const double bytes = std::atof(size.c_str()) * unit;
    if (bytes > 0) return bytes;
  }
#if defined(_SC_LEVEL1_DCACHE_SIZE)
  const int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE};
  const long bytes = sysconf(names[level - 1]);
  if (bytes > 0) return static_cast<double>(bytes);
#endif
  constexpr double modest[] = {32 << 10, 512 << 10, 8 << 20};
  return modest[level - 1];
}

double available_memory() {
  return static_cast<double>(sysconf(_SC_AVPHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// Working sets well inside a level and well outside the one before. A virtual machine may report the L3 of the whole
/// socket, so memory is measured at four times that, but with at most 1 GiB or a quarter of what is free.
std::vector<Level> levels_to_measure() {
  const double l1 = cache_bytes(1), l2 = cache_bytes(2), l3 = cache_bytes(3);
  const double memory = std::min({std::max(4 * l3, 64.0 * (1 << 20)), 1024.0 * (1 << 20), available_memory() / 4});
  std::vector<Level> levels(4);
  levels[0].name = "L1", levels[0].size = l1, levels[0].measured = l1 / 2;
  levels[1].name = "L2", levels[1].size = l2, levels[1].measured = l2 / 2;
  levels[2].name = "L3", levels[2].size = l3, levels[2].measured = std::min(l3 / 2, 8 * l2);
  levels[3].name = "DRAM", levels[3].size = 1e30, levels[3].measured = memory;
  return levels;
}

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

}  // namespace

double measure_fork_join([[maybe_unused]] int& threads) {
#if defined(_OPENMP)
  threads = omp_get_num_procs();
  const int team = threads;
  std::vector<double> seconds;
  for (const double start = now(); seconds.size() < 2000 && now() < start + 0.5;) {
    const double before = now();
#pragma omp parallel num_threads(team)
    benchmark::ClobberMemory();
    seconds.push_back(now() - before);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 10];
#else
  return 0;
#endif
}

Machine measure_machine() {
  Machine machine;
  machine.processor = processor_name();
#if defined(__clang__)
  machine.compiler = "clang " __clang_version__;
#else
  machine.compiler = "g++ " __VERSION__;
#endif
  machine.instructions = TENON_STRING(TENON_ISA);
  machine.cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  machine.lanes_f32 = static_cast<int>(Lanes<float>::size);
  machine.lanes_f64 = static_cast<int>(Lanes<double>::size);
  machine.fma_f32 = fma_flops<float>();
  machine.fma_f64 = fma_flops<double>();
  machine.levels = levels_to_measure();
  const Buffer memory = make_buffer(whole_steps(machine.levels.back().measured) + 3 * step);
  for (Level& level : machine.levels) measure_level(level, memory.get());
  return machine;
}

Limit limit_of(const Machine& machine, const Work& work) {
  Limit limit;
  if (work.flops > 0) limit = {"fma", work.flops / (work.fp64 ? machine.fma_f64 : machine.fma_f32)};
  if (work.bytes <= 0) return limit;
  const double alive = work.working_set > 0 ? work.working_set : work.bytes;
  const Level* level = &machine.levels.front();
  while (alive > level->size && level != &machine.levels.back()) ++level;
  const double rate = work.traffic == Traffic::read   ? level->read
                      : work.traffic == Traffic::copy ? level->copy
                                                      : level->triad;
  const double seconds = work.bytes / rate;
  if (work.in_turn) return {limit.name.empty() ? level->name : limit.name + "+" + level->name, limit.seconds + seconds};
  return seconds > limit.seconds ? Limit{level->name, seconds} : limit;
}

}  // namespace bench
