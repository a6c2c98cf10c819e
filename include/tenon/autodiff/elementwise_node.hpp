// Tape nodes of elementwise loops: the loop run in reverse.
#pragma once

#include "tenon/autodiff/node.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// Backward of an elementwise loop over dense operands.
template <class LoopT, class T, class S, class P, class G> void backward_dense(NodeHeader* header, Backward& b) {
  using Facts = LeafFacts<S, typename LeafList<P>::type>;
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count;
  using Node = ElementwiseNode<LoopT, T, S, leaves>;
  auto& node = *static_cast<Node*>(header);
  if (!ready<leaves>(node, evaluation::RootName<G>::value)) return;
  void* p[2 * leaves + 2 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  const Index n = node.shape.size();
  bool sums = false;
  for_each_adjoint<leaves>([&]<int K>() TENON_INLINE_LAMBDA {
    p[K] = node.operand[K].data;
    p[leaves + 2 + saves + K] =
        acquire_adjoint<Facts, K>(b, node.operand[K].slot, Facts::scalar[K] ? 1 : n, Facts::splat[K], mode[K]);
    sums = sums || (Facts::splat[K] && p[leaves + 2 + saves + K] != nullptr);
  });
  p[leaves] = node.y;
  p[leaves + 1] = node.y_slot.gradient;
  for (int s = 0; s < saves; ++s) p[leaves + 2 + s] = node.saved[s];
  if constexpr (evaluation::is_single<S>()) {
    LoopT::template backward<true>(1, p, mode);
  } else if (n <= evaluation::grain_cheap || sums) {
    if (n > 0) LoopT::template backward<false>(n, p, mode);
  } else {
    Index item[2 * leaves + 2 + saves] = {};
    for (int k = 0; k < leaves; ++k) {
      item[k] = Facts::scalar[k] ? 0 : Facts::item[k];
      item[leaves + 2 + saves + k] = Facts::scalar[k] ? 0 : Facts::adjoint_item[k];
    }
    item[leaves] = item[leaves + 1] = sizeof(T);
    for (int s = 0; s < saves; ++s) item[leaves + 2 + s] = LoopT::saved_item[static_cast<std::size_t>(s)];
    evaluation::run_dense(&LoopT::template backward<false>, n, p, item, mode, evaluation::grain_cheap);
  }
  if constexpr (Node::small) node.y_slot.gradient = nullptr;  // passed on
  else b.release(&node.y_slot, n * static_cast<Index>(sizeof(T)));
}

/// An array that a backward loop reads.
inline rows::Stream read_stream(const void* p, Index item, bool splat, const std::array<Index, max_rank>& strides) {
  return {static_cast<std::byte*>(const_cast<void*>(p)), item, splat, false, nullptr, -1, strides};
}
/// What forward saved for a node, in the order of its result.
template <class LoopT, class Node> void saved_streams(const Node& node, rows::Stream* to) {
  const auto own = evaluation::padded<decltype(node.shape)::rank>(row_major(node.shape));
  for (int s = 0; s < LoopT::plan.saved_count; ++s)
    to[s] = read_stream(node.saved[s], LoopT::saved_item[static_cast<std::size_t>(s)], false, own);
}
/// Streams for operands and their adjoints, for a node that keeps strides; what stands between them is the caller's.
template <class Facts, class Node, class S>
void adjoint_streams(Backward& b, Node& node, const S& shape, rows::Stream* operands, rows::Stream* adjoints,
                     Write* mode) {
  for_each_adjoint<Facts::count>([&]<int K>() {
    const auto strides = evaluation::padded<S::rank>(node.strides[K]);
    operands[K] = {
        static_cast<std::byte*>(node.operand[K].data), Facts::item[K], Facts::splat[K], false, nullptr, -1, strides};
    bool repeats = Facts::splat[K];
    for (int i = 0; i < S::rank; ++i)
      repeats = repeats || (shape[i] != 1 && node.strides[K][static_cast<std::size_t>(i)] == 0);
    if constexpr (Facts::scattered)  // x + transpose(x): an element's two contributions come in different iterations
      for (int j = 0; j < Facts::count; ++j)
        repeats = repeats || (node.operand[j].slot == node.operand[K].slot && node.strides[j] != node.strides[K]);
    void* d = acquire_adjoint<Facts, K>(b, node.operand[K].slot, node.elements[K], repeats, mode[K]);
    adjoints[K] = {
        static_cast<std::byte*>(d), Facts::adjoint_item[K], Facts::splat[K], true, Facts::adder[K], K, strides};
  });
}

/// The adjoint of an operand that many rows share, summed in blocks of rows: one by one, a long column loses digits.
template <class Facts> struct BlockedSum {
  static constexpr Index rows = 64;
  std::byte* whole = nullptr;  // where the sum goes in the end; null: this operand is not shared
  std::byte* total = nullptr;  // the blocks so far; behind it what rounding took from them, and the block's own sum
  Index elements = 0, bytes = 0;

  std::byte* begin(std::byte* adjoint, Index n, Index item, Backward& b) {
    whole = adjoint;
    elements = n;
    bytes = n * item;
    total = static_cast<std::byte*>(b.take(3 * bytes));
    std::memset(total, 0, static_cast<std::size_t>(3 * bytes));
    return total + 2 * bytes;
  }
  void end_block(int k) {
    Facts::compensated_adder[k](total, total + bytes, total + 2 * bytes, elements);
    std::memset(total + 2 * bytes, 0, static_cast<std::size_t>(bytes));
  }
  void end(int k, Backward& b) {
    Facts::adder[k](whole, 1, total, elements);
    b.give(total, 3 * bytes);
  }
};
/// Runs a backward loop over the rows of an array.
template <class Facts, class Node>
void run_rows(rows::RowLoop loop, int rank, const Index* extent, rows::Stream* streams, int count,
              rows::Stream* adjoints, Write* mode, Node& node, Backward& b) {
  using Sum = BlockedSum<Facts>;
  Sum sum[Facts::count];
  bool any = false;
  if (rank > 0 && extent[0] > 2 * Sum::rows)
    for (int k = 0; k < Facts::count; ++k)
      if (adjoints[k].data != nullptr && adjoints[k].stride[0] == 0) {
        adjoints[k].data = sum[k].begin(adjoints[k].data, node.elements[k], Facts::adjoint_item[k], b);
        any = true;
      }
  if (!any) return rows::run(loop, rank, extent, streams, count, mode, Facts::count);
  std::array<Index, max_rank> part{};
  for (int d = 0; d < rank; ++d) part[static_cast<std::size_t>(d)] = extent[d];
  for (Index first = 0; first < extent[0]; first += Sum::rows) {
    part[0] = extent[0] - first < Sum::rows ? extent[0] - first : Sum::rows;
    rows::run(loop, rank, part.data(), streams, count, mode, Facts::count);
    for (int k = 0; k < Facts::count; ++k)
      if (sum[k].whole != nullptr) sum[k].end_block(k);
    for (int s = 0; s < count; ++s)
      if (streams[s].data != nullptr) streams[s].data += Sum::rows * streams[s].stride[0] * streams[s].item;
  }
  for (int k = 0; k < Facts::count; ++k)
    if (sum[k].whole != nullptr) sum[k].end(k, b);
}

/// Backward of an elementwise loop over operands of any strides.
template <class LoopT, class T, class S, class P, class G> void backward_strided(NodeHeader* header, Backward& b) {
  using Facts = LeafFacts<S, typename LeafList<P>::type>;
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count;
  auto& node = *static_cast<StridedNode<LoopT, T, S, leaves>*>(header);
  if (!ready<leaves>(node, evaluation::RootName<G>::value)) return;
  rows::Stream streams[2 * leaves + 2 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  adjoint_streams<Facts>(b, node, node.shape, streams, streams + leaves + 2 + saves, mode);
  const auto own = evaluation::padded<S::rank>(row_major(node.shape));
  streams[leaves] = read_stream(node.y, static_cast<Index>(sizeof(T)), false, own);
  streams[leaves + 1] = read_stream(node.y_slot.gradient, static_cast<Index>(sizeof(T)), false, own);
  saved_streams<LoopT>(node, streams + leaves + 2);
  const auto extents = node.shape.extents();
  run_rows<Facts>(&LoopT::template backward<false>, S::rank, extents.data(), streams, 2 * leaves + 2 + saves,
                  streams + leaves + 2 + saves, mode, node, b);
  b.release(&node.y_slot, node.shape.size() * static_cast<Index>(sizeof(T)));
}

}  // namespace tenon::inline TENON_ABI::autodiff
