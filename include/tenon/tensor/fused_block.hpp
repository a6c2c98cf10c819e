// The loops of tensor/fused.hpp over blocks of rows: the rows of a product's tiles, too short for a call each.
#pragma once

#include "tenon/tensor/fused.hpp"

namespace tenon::inline TENON_ABI::fused {

/// LoopT on rows of n elements; step[k]: bytes from a row to the next at address k, 0 when it stays or is null. Pre: rows > 0.
template <class LoopT> struct BlockOf {
  template <bool Saving> static void forward(Index rows, Index n, void* const* p, const Index* step) {
    Addresses<LoopT::template forward_addresses<Saving>> a(p);
    for (;; a.advance(step)) {
      LoopT::template forward_row<Saving>(n, a.at, nullptr);
      if (--rows == 0) return;
    }
  }
  [[gnu::noinline]] static void backward(Index rows, Index n, void* const* p, const Index* step, const Write* modes) {
    const Modes<LoopT::leaves> mode(modes);
    Addresses<LoopT::backward_addresses> a(p);
    for (;; a.advance(step)) {
      LoopT::backward_row(n, a.at, mode.at);
      if (--rows == 0) return;
    }
  }
  /// LoopT::backward for who needs a block's as well: the loop is compiled once.
  static void backward_one(Index n, void* const* p, const void* modes) {
    backward(1, n, p, nullptr, static_cast<const Write*>(modes));
  }
};

}  // namespace tenon::inline TENON_ABI::fused
