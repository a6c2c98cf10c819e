// What a loop holds: a register for each value of the graph, of its own type and found by number; addresses.
#pragma once

#include <cstddef>
#include <utility>

#include "tenon/shape/span.hpp"
#include "tenon/simd/unrolled.hpp"
#include "tenon/tensor/graph.hpp"

namespace tenon::inline TENON_ABI::fused {

template <std::size_t I, class R> struct Slot { R r; };
template <class Seq, class... R> struct Registers;
template <std::size_t... I, class... R> struct Registers<std::index_sequence<I...>, R...> : Slot<I, R>... {};
template <std::size_t I, class R> TENON_ALWAYS_INLINE R& get(Slot<I, R>& s) { return s.r; }
struct Nothing {};

template <class G> struct StorageOf;  // the dtype in memory of a leaf
template <int I, class T, bool S, bool A> struct StorageOf<graph::arg<I, T, S, A>> { using type = T; };

/// What a loop may count on about its adjoints; beyond it, addresses and modes say what to do. An adjoint is stored when
/// it has one element an element, is asked for and is overwritten.
struct Delivery {
  bool all_stored = false;
  int stored = -1;          ///< the operand whose adjoint is, at least
  bool sums_nulls = false;  ///< adjoints at null are summed in registers
};

/// How adjoints are written, in locals: no store to an adjoint can change it then, so far as the compiler sees.
template <int Count> struct Modes {
  Write at[Count];
  TENON_ALWAYS_INLINE explicit Modes(const void* modes) {
    for (int k = 0; k < Count; ++k) at[k] = static_cast<const Write*>(modes)[k];
  }
};
/// The operands' addresses in locals: the compiler may then keep them in registers.
template <int Count> struct Addresses {
  void* at[Count];
  TENON_ALWAYS_INLINE explicit Addresses(void* const* p) {
    for (int k = 0; k < Count; ++k) at[k] = p[k];
  }
  /// By step[k] bytes: 0 for what is null.
  TENON_ALWAYS_INLINE void advance(const Index* step) {
    // One by one in general registers: g++ would add them up as vectors, in memory.
    simd::unrolled<Count>([&](Index k) TENON_INLINE_LAMBDA {
      at[k] = in_register(static_cast<void*>(static_cast<char*>(at[k]) + step[k]));
    });
  }
};

}  // namespace tenon::inline TENON_ABI::fused
