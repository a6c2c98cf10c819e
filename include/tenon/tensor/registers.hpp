// A loop's registers: one a value of the graph, each of its own type, found by number.
#pragma once

#include <cstddef>
#include <utility>

#include "tenon/tensor/graph.hpp"

namespace tenon::inline TENON_ABI::fused {

template <std::size_t I, class R> struct Slot { R r; };
template <class Seq, class... R> struct Registers;
template <std::size_t... I, class... R> struct Registers<std::index_sequence<I...>, R...> : Slot<I, R>... {};
template <std::size_t I, class R> TENON_ALWAYS_INLINE R& get(Slot<I, R>& s) { return s.r; }
struct Nothing {};

template <class G> struct StorageOf;  // the dtype in memory of a leaf
template <int I, class T, bool S, bool A> struct StorageOf<graph::arg<I, T, S, A>> { using type = T; };

}  // namespace tenon::inline TENON_ABI::fused
