// What this thread's expressions have cost beyond the obvious: how often a loop ran, a temporary was needed.
#pragma once

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI {

/// Counts since the thread began; take differences.
struct Counters {
  Index loops = 0;     ///< fused loops run forward: one an evaluated expression
  Index products = 0;  ///< matrix products run forward
  Index alias_temporaries =
      0;  ///< assignments through a temporary: the destination overlaps an operand, or repeats the value
  Index split_expressions = 0;  ///< operands evaluated early: the loop would be too long, or hold two matrix products
  Index repeated_formulas = 0;  ///< named expressions fused by std::move after a use by name had computed them
};

namespace memory {
constinit inline thread_local Counters thread_counters{};
}

/// This thread's counts.
inline const Counters& counters() { return memory::thread_counters; }

}  // namespace tenon::inline TENON_ABI
