// Tape nodes of elementwise loops: the loop run in reverse.
#pragma once

#include "tenon/autodiff/node.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// Backward of an elementwise loop over dense operands.
template <class LoopT, class T, class S, class Facts> void backward_dense(NodeHeader* header, Backward& b) {
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count;
  using Node = ElementwiseNode<LoopT, T, S, leaves>;
  auto& node = *static_cast<Node*>(header);
  if (!ready<leaves>(node, evaluation::RootName<typename LoopT::graph_type>::value)) return;
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
/// A node that keeps strides, as the walk over its rows sees it. Not a template: one copy of what follows in a program.
struct StridedView {
  int count, rank;
  const OperandRecord* operand;
  const Index* strides;   // count times rank (1 at least)
  const Index* elements;  // of each operand
  std::array<Index, max_rank> extents;
  const Index *item, *adjoint_item;
  const bool *splat, *active;
  void (*const* adder)(std::byte*, Index, const std::byte*, Index);
  void (*const* compensated_adder)(std::byte*, std::byte*, const std::byte*, Index);
  bool scattered;

  std::array<Index, max_rank> strides_of(int k) const {
    std::array<Index, max_rank> s{};
    for (int d = 0; d < rank; ++d) s[static_cast<std::size_t>(d)] = strides[k * (rank > 0 ? rank : 1) + d];
    return s;
  }
};
template <class Facts, class Node> StridedView strided_view(const Node& node) {
  constexpr int rank = decltype(node.shape)::rank;
  return {Facts::count,    rank,
          node.operand,    node.strides[0],
          node.elements,   evaluation::padded<rank>(node.shape.extents()),
          Facts::item,     Facts::adjoint_item,
          Facts::splat,    Facts::active,
          Facts::adder,    Facts::compensated_adder,
          Facts::scattered};
}
/// Streams for operands and their adjoints; what stands between them is the caller's. Adjoints are acquired last to
/// first, as for_each_adjoint does.
[[gnu::noinline]] inline void adjoint_streams(Backward& b, const StridedView& v, rows::Stream* operands,
                                              rows::Stream* adjoints, Write* mode) {
  for (int k = v.count - 1; k >= 0; --k) {
    const auto strides = v.strides_of(k);
    const OperandRecord& o = v.operand[k];
    operands[k] = {static_cast<std::byte*>(o.data), v.item[k], v.splat[k], false, nullptr, -1, strides};
    bool repeats = v.splat[k];
    for (int d = 0; d < v.rank; ++d) {
      const auto u = static_cast<std::size_t>(d);
      repeats = repeats || (v.extents[u] != 1 && strides[u] == 0);
    }
    if (v.scattered)  // x + transpose(x): an element's two contributions come in different iterations
      for (int j = 0; j < v.count; ++j)
        repeats = repeats || (v.operand[j].slot == o.slot && v.strides_of(j) != strides);
    void* d = v.active[k] ? acquire_adjoint(b, o.slot, v.elements[k] * v.adjoint_item[k], repeats, mode[k]) : nullptr;
    adjoints[k] = {static_cast<std::byte*>(d), v.adjoint_item[k], v.splat[k], true, v.adder[k], k, strides};
  }
}

/// The adjoint of an operand that many rows share, summed in blocks of rows: one by one, a long column loses digits.
/// Blocks may be summed on several threads, `group` of them at a time; they are added up in order.
struct BlockedSum {
  static constexpr Index rows = 64;
  std::byte* whole = nullptr;  // where the sum goes in the end; null: this operand is not shared
  std::byte* total = nullptr;  // the blocks so far; behind it what rounding took from them, and the blocks' own sums
  Index elements = 0, bytes = 0;

  void begin(std::byte* adjoint, Index n, Index item, Index group, Backward& b) {
    whole = adjoint;
    elements = n;
    bytes = n * item;
    total = static_cast<std::byte*>(b.take((2 + group) * bytes));
    std::memset(total, 0, static_cast<std::size_t>(2 * bytes));
  }
  std::byte* of_block(Index k) const { return total + (2 + k) * bytes; }
  std::byte* begin_block(Index k) const {
    std::memset(of_block(k), 0, static_cast<std::size_t>(bytes));
    return of_block(k);
  }
  void end(const StridedView& v, int k, Index group, Backward& b) {
    v.adder[k](whole, 1, total, elements);
    b.give(total, (2 + group) * bytes);
  }
};
/// A backward loop over the rows of an array: its streams, of which those from `adjoints` on are the operands' adjoints.
struct RowsBackward {
  rows::RowLoop loop;
  const StridedView& v;
  rows::Stream* streams;
  int count, adjoints;
  const Write* mode;

  /// Whether two operands are one value read in different orders: then an element's contributions come in different
  /// iterations, and rows must not be shared among threads.
  bool meets_again() const {
    for (int k = 0; k < v.count; ++k)
      for (int j = 0; j < k; ++j)
        if (streams[adjoints + k].data != nullptr && streams[adjoints + j].data == streams[adjoints + k].data &&
            streams[adjoints + j].stride != streams[adjoints + k].stride)
          return true;
    return false;
  }
  /// Blocks first ... last - 1 of rows, whose shared adjoints go to blocks first - group_first ... of `sum`.
  void run_blocks(Index first, Index last, Index group_first, const BlockedSum* sum) const {
    rows::Stream block[rows::max_streams];  // a walk changes the strides it is given
    auto part = v.extents;
    for (Index i = first; i < last; ++i) {
      const Index row = i * BlockedSum::rows, left = v.extents[0] - row;
      part[0] = left < BlockedSum::rows ? left : BlockedSum::rows;
      for (int s = 0; s < count; ++s) block[s] = streams[s];
      rows::advance(block, count, 0, row);
      for (int k = 0; k < v.count; ++k)
        if (sum[k].whole != nullptr) block[adjoints + k].data = sum[k].begin_block(i - group_first);
      rows::run(loop, v.rank, part.data(), block, count, mode, v.count);
    }
  }
};
/// Runs a backward loop over the rows of an array.
[[gnu::noinline]] inline void run_rows(const RowsBackward& r, Backward& b) {
  const StridedView& v = r.v;
  Index n = 1;
  for (int d = 0; d < v.rank; ++d) n *= v.extents[static_cast<std::size_t>(d)];
  const bool in_parts = n > evaluation::grain_cheap && simd::thread_count() > 1 && !r.meets_again();
  const Index blocks = v.rank > 0 ? (v.extents[0] + BlockedSum::rows - 1) / BlockedSum::rows : 0,
              group = in_parts ? blocks : 1;
  BlockedSum sum[fused::max_loop_operands];
  bool any = false;
  if (blocks > 2)
    for (int k = 0; k < v.count; ++k)
      if (const rows::Stream& a = r.streams[r.adjoints + k]; a.data != nullptr && a.stride[0] == 0) {
        sum[k].begin(a.data, v.elements[k], v.adjoint_item[k], group, b);
        any = true;
      }
  if (!any)
    return rows::run_in_parts(r.loop, v.rank, v.extents.data(), r.streams, r.count, r.mode, v.count,
                              in_parts ? evaluation::grain_cheap : n);
  for (Index first = 0; first < blocks; first += group) {
    simd::parallel_for(group, 1, [&](Index from, Index to) { r.run_blocks(first + from, first + to, first, sum); });
    for (Index i = 0; i < group; ++i)
      for (int k = 0; k < v.count; ++k)
        if (const BlockedSum& s = sum[k]; s.whole != nullptr)
          v.compensated_adder[k](s.total, s.total + s.bytes, s.of_block(i), s.elements);
  }
  for (int k = 0; k < v.count; ++k)
    if (sum[k].whole != nullptr) sum[k].end(v, k, group, b);
}

/// The adjoint of an array that was copied into another order of dimensions. False: nothing was done.
[[gnu::noinline]] inline bool turn_back(const StridedView& v, const rows::Stream& dy, const rows::Stream& dx,
                                        Write mode, Backward& b) {
  Index n = 1;
  for (int d = 0; d < v.rank; ++d) n *= v.extents[static_cast<std::size_t>(d)];
  if (dx.data == nullptr || n != v.elements[0] || dx.item != dy.item) return false;
  if (mode == Write::store) return rows::copy_turned(v.rank, v.extents.data(), dy, dx);
  rows::Stream turned = dx;
  turned.data = static_cast<std::byte*>(b.take(n * dx.item));
  const bool done = rows::copy_turned(v.rank, v.extents.data(), dy, turned);
  if (done) v.adder[0](dx.data, 1, turned.data, n);
  b.give(turned.data, n * dx.item);
  return done;
}

/// Backward of an elementwise loop over operands of any strides.
template <class LoopT, class T, class S, class Facts> void backward_strided(NodeHeader* header, Backward& b) {
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count;
  auto& node = *static_cast<StridedNode<LoopT, T, S, leaves>*>(header);
  if (!ready<leaves>(node, evaluation::RootName<typename LoopT::graph_type>::value)) return;
  rows::Stream streams[2 * leaves + 2 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  const StridedView view = strided_view<Facts>(node);
  adjoint_streams(b, view, streams, streams + leaves + 2 + saves, mode);
  const auto own = evaluation::padded<S::rank>(row_major(node.shape));
  streams[leaves] = read_stream(node.y, static_cast<Index>(sizeof(T)), false, own);
  streams[leaves + 1] = read_stream(node.y_slot.gradient, static_cast<Index>(sizeof(T)), false, own);
  saved_streams<LoopT>(node, streams + leaves + 2);
  bool done = false;
  if constexpr (LoopT::size == 1 && leaves == 1 && Facts::active[0] && !Facts::splat[0] && S::rank > 1)
    done = turn_back(view, streams[2], streams[3], mode[0], b);
  if (!done)
    run_rows({&LoopT::template backward<false>, view, streams, 2 * leaves + 2 + saves, leaves + 2 + saves, mode}, b);
  b.release(&node.y_slot, node.shape.size() * static_cast<Index>(sizeof(T)));
}

}  // namespace tenon::inline TENON_ABI::autodiff
