// Tape nodes of reductions.
#pragma once

#include "tenon/autodiff/elementwise_node.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// A reduction: the operands' shape S, the result's R.
template <class LoopT, class T, class S, class R, int Leaves> struct FoldNode : StridedNode<LoopT, T, S, Leaves> {
  [[no_unique_address]] R result_shape;
};

/// share[r] = 1 / the number of elements that equal result r. `operands`: the streams of the loop's operands.
template <class LoopT, rows::Axes A, int Leaves, class T, class S>
void share_among_ties(T* share, Index results, const T* y, const S& shape, const rows::Stream* operands) {
  constexpr bool seed_splat = evaluation::folds_rows<S, A> && S::rank > 0;
  rows::Stream s[Leaves + 2];
  for (int k = 0; k < Leaves; ++k) s[k] = operands[k];
  const auto strides = evaluation::fold_strides(shape, A);
  s[Leaves] = {evaluation::bytes(y), static_cast<Index>(sizeof(T)), seed_splat, false, nullptr, -1, strides};
  s[Leaves + 1] = {evaluation::bytes(share), static_cast<Index>(sizeof(T)), seed_splat, true, nullptr, -1, strides};
  s[Leaves + 1].keeps_row = true;
  for (Index i = 0; i < results; ++i) share[i] = T(0);
  const auto extents = shape.extents();
  rows::run(&LoopT::template count_ties<seed_splat>, S::rank, extents.data(), s, Leaves + 2, nullptr, 0);
  for (Index i = 0; i < results; ++i) share[i] = T(1) / share[i];
}

/// Backward of a reduction of everything to one number, over dense operands: one run of the loop.
template <class LoopT, class F, class T, class S, class Facts>
void backward_fold_dense(NodeHeader* header, Backward& b) {
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count, first = leaves + 3 + saves;
  auto& node = *static_cast<DenseNode<LoopT, T, S, leaves>*>(header);
  if (!ready<leaves>(node, F::name)) return;
  const Index n = node.shape.size();
  void* p[2 * leaves + 3 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  T share = F::template share<T>(n);
  for_each_adjoint<leaves>([&]<int K>() TENON_INLINE_LAMBDA {
    p[K] = node.operand[K].data;
    p[first + K] =
        acquire_adjoint<Facts, K>(b, node.operand[K].slot, Facts::scalar[K] ? 1 : n, Facts::splat[K], mode[K]);
  });
  p[leaves] = node.y;
  p[leaves + 1] = node.y_slot.gradient;
  p[leaves + 2] = &share;
  for (int s = 0; s < saves; ++s) p[leaves + 3 + s] = node.saved[s];
  if (n > 0) LoopT::template backward<true>(n, p, mode);
  b.release(&node.y_slot, static_cast<Index>(sizeof(T)));
}

/// Backward of a reduction.
template <class LoopT, class F, rows::Axes A, class T, class S, class R, class Facts>
void backward_fold(NodeHeader* header, Backward& b) {
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count;
  auto& node = *static_cast<FoldNode<LoopT, T, S, R, leaves>*>(header);
  if (!ready<leaves>(node, F::name)) return;
  rows::Stream streams[2 * leaves + 3 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  constexpr bool seed_splat = evaluation::folds_rows<S, A> && S::rank > 0;
  const StridedView view = strided_view<Facts>(node);
  adjoint_streams(b, view, streams, streams + leaves + 3 + saves, mode);
  const Index results = node.result_shape.size(), folded = evaluation::folded_count(node.shape, A);
  const auto result_strides = evaluation::fold_strides(node.shape, A);
  T one_share{};
  auto* share = &one_share;
  std::array<Index, max_rank> share_strides{};
  Index share_bytes = 0;
  if constexpr (requires { F::counts_ties; }) {
    share_bytes = results * static_cast<Index>(sizeof(T));
    share = static_cast<T*>(b.take(share_bytes));
    share_among_ties<LoopT, A, leaves>(share, results, node.y, node.shape, streams);
    share_strides = result_strides;
  } else {
    one_share = F::template share<T>(folded);
  }
  streams[leaves] = read_stream(node.y, static_cast<Index>(sizeof(T)), seed_splat, result_strides);
  streams[leaves + 1] = read_stream(node.y_slot.gradient, static_cast<Index>(sizeof(T)), seed_splat, result_strides);
  streams[leaves + 2] = read_stream(share, static_cast<Index>(sizeof(T)), seed_splat, share_strides);
  saved_streams<LoopT>(node, streams + leaves + 3);
  run_rows({&LoopT::template backward<seed_splat>, view, streams, 2 * leaves + 3 + saves, leaves + 3 + saves, mode}, b);
  if (share_bytes > 0) b.give(share, share_bytes);
  b.release(&node.y_slot, results * static_cast<Index>(sizeof(T)));
}

}  // namespace tenon::inline TENON_ABI::autodiff
