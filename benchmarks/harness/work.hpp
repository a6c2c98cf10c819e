// What a piece of work has to do by its definition: its limit on a machine follows.
#pragma once

namespace bench {

/// The memory traffic of a case, for its limit: which of the three measured bandwidths bounds it.
enum class Traffic { read, copy, triad };

/// What one call does by its definition, whatever an implementation does: it decides the rate and the limit.
struct Work {
  double flops = 0;        ///< multiplications and additions; 0 when transcendental functions dominate
  double bytes = 0;        ///< each input read once, each output written once
  double working_set = 0;  ///< bytes alive at once, which choose the cache level; 0: the same as `bytes`
  Traffic traffic = Traffic::triad;
  bool fp64 = false;     ///< flops are compared with the limit of double instead of float
  bool in_turn = false;  ///< the limit is the time of the flops and that of the bytes, not the longer of the two
};

}  // namespace bench
