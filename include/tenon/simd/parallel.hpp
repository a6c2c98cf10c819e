// Threads: OpenMP behind one function. Work is split into blocks that depend on the size alone, never on the number of
// threads, so results do not either.
#pragma once

#include "tenon/base/config.hpp"

#if defined(_OPENMP)
#include <omp.h>
#include <pthread.h>
#endif

namespace tenon::inline TENON_ABI::simd {

#if defined(_OPENMP)
namespace detail {
// libgomp's threads do not survive a fork; a forked child works serially.
inline bool forked = false;
inline void after_fork() { forked = true; }
inline const int fork_handler = pthread_atfork(nullptr, nullptr, &after_fork);
}  // namespace detail
#endif

/// Whether loops of this thread run on it alone: it is one of several that share the processors (tensor/spawn.hpp).
constinit inline thread_local bool runs_alone = false;

/// Threads a parallel loop may use now: 1 inside another parallel region, on a spawned thread, in a forked child, or
/// without OpenMP.
inline int thread_count() {
#if defined(_OPENMP)
  return runs_alone || omp_in_parallel() || detail::forked ? 1 : omp_get_max_threads();
#else
  return 1;
#endif
}

/// Calls f(first, last) for blocks of `grain` that cover [0, n), on several threads when there is more than one block.
/// f does not throw and blocks may run in any order. Results must not depend on how [first, last) joins blocks: a thread
/// gets a run of whole blocks at once.
template <class F> void parallel_for(Index n, Index grain, F&& f) {
#if defined(_OPENMP)
  const Index blocks = (n + grain - 1) / grain;
  const Index threads = blocks < 2 ? 1 : thread_count();
  if (threads > 1) {
    const int team = static_cast<int>(threads < blocks ? threads : blocks);
#pragma omp parallel num_threads(team)
    {
      const Index t = omp_get_thread_num(), all = omp_get_num_threads();
      const Index first = blocks * t / all * grain, last = blocks * (t + 1) / all * grain;
      if (first < n && first < last) f(first, last < n ? last : n);
    }
    return;
  }
#else
  (void)grain;
#endif
  if (n > 0) f(Index{0}, n);
}

}  // namespace tenon::inline TENON_ABI::simd
