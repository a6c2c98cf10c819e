// The loops of tensor/fused.hpp over blocks of rows: the rows of a product's tiles, too short for a call each.
#pragma once

#include "tenon/tensor/fused.hpp"

namespace tenon::inline TENON_ABI::fused {

/// LoopT on rows of n elements; step[k]: bytes from a row to the next at address k, 0 when it stays or is null. Pre: rows > 0.
template <class LoopT> struct BlockOf {
  using Lanes = typename LoopT::Lanes;
  template <bool Saving> using Forward = Addresses<LoopT::template forward_addresses<Saving>>;
  using Backward = Addresses<LoopT::backward_addresses>;

  template <bool Saving> static void forward(Index rows, Index n, void* const* p, const Index* step) {
    Forward<Saving> a(p);
    if (goes_down(rows, n)) {
      for (Index i = 0; i < n; i += Lanes::width) forward_column<Saving>(rows, Full{i}, a, step);
      return;
    }
    for (;; a.advance(step)) {
      LoopT::template forward_row<Saving>(n, a.at, nullptr);
      if (--rows == 0) return;
    }
  }
  /// The adjoint of operand At, the product, is stored.
  template <int At>
  [[gnu::noinline]] static void backward(Index rows, Index n, void* const* p, const Index* step, const Write* modes) {
    const Modes<LoopT::leaves> mode(modes);
    Backward a(p);
    if constexpr (!LoopT::any_sum)
      if (goes_down(rows, n) && has_distinct_adjoints(a)) {
        for (Index i = 0; i < n; i += Lanes::width) backward_column<At>(rows, Full{i}, a, step, mode);
        return;
      }
    for (;; a.advance(step)) {
      LoopT::template backward_row<false, Delivery{.stored = At}>(n, a.at, mode.at);
      if (--rows == 0) return;
    }
  }
  /// LoopT::backward for who needs a block's as well: the loop is compiled once.
  template <int At> static void backward_one(Index n, void* const* p, const void* modes) {
    backward<At>(1, n, p, nullptr, static_cast<const Write*>(modes));
  }

 private:
  /// Whether to go down the block's columns, a vector wide each: what all rows share then stays in registers, too.
  static bool goes_down(Index rows, Index n) {
    return Lanes::simd && rows > 1 && simd::few_whole_vectors(n, Lanes::width);
  }
  template <bool Saving>
  TENON_ALWAYS_INLINE static void forward_column(Index rows, Full c, Forward<Saving> a, const Index* step) {
    for (;; a.advance(step)) {
      typename LoopT::Regs r;
      LoopT::compute_all(r, a.at, c);
      LoopT::template store_result<false>(static_cast<typename LoopT::result_type*>(a.at[LoopT::leaves]), r, a.at, c,
                                          nullptr);
      if constexpr (Saving) LoopT::template save<LoopT::plan>(r, a.at + LoopT::leaves + 1, c);
      if (--rows == 0) return;
    }
  }
  /// What rows give to an operand that they share is summed in a register, in the order of the rows.
  template <int At>
  TENON_ALWAYS_INLINE static void backward_column(Index rows, Full c, Backward a, const Index* step,
                                                  const Modes<LoopT::leaves>& mode) {
    typename LoopT::Adjoints shared;
    void** to = a.at + LoopT::adjoints;
    void* home[LoopT::leaves];
    for_each_adjoint([&]<int K, class S>() TENON_INLINE_LAMBDA {
      constexpr int k = Describe<typename LoopT::template Node<K>>::index;
      if constexpr (k == At) return;
      home[k] = step[LoopT::adjoints + k] == 0 ? to[k] : nullptr;
      get<K>(shared) = Lanes::spread(S(0));
      if (home[k] == nullptr) return;
      get<K>(shared) = Lanes::load(static_cast<const S*>(home[k]), c);
      to[k] = nullptr;
    });
    for (;; a.advance(step)) {
      LoopT::template backward_at<Delivery{.stored = At, .sums_nulls = true}>(a.at, shared, mode.at, c);
      if (--rows == 0) break;
    }
    for_each_adjoint([&]<int K, class S>() TENON_INLINE_LAMBDA {
      constexpr int k = Describe<typename LoopT::template Node<K>>::index;
      if (k != At && home[k] != nullptr) Lanes::store(static_cast<S*>(home[k]), get<K>(shared), c);
    });
  }
  template <class F> TENON_ALWAYS_INLINE static void for_each_adjoint(F f) {
    LoopT::ascending([&]<int K>() TENON_INLINE_LAMBDA {
      using N = typename LoopT::template Node<K>;
      if constexpr (Describe<N>::is_leaf && Describe<N>::active)
        f.template operator()<K, compute_t<typename StorageOf<N>::type>>();
    });
  }
  /// Not so when a value is two operands: each row then gives to it twice.
  static bool has_distinct_adjoints(const Backward& a) {
    for (int k = 0; k < LoopT::leaves; ++k)
      for (int j = 0; j < k; ++j)
        if (const void* d = a.at[LoopT::adjoints + k]; d != nullptr && d == a.at[LoopT::adjoints + j]) return false;
    return true;
  }
};

}  // namespace tenon::inline TENON_ABI::fused
