// Tape nodes for fused loops: what backward needs of each operand, and the loop run in reverse.
#pragma once

#include "tenon/autodiff/tracked.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// What a node keeps of one operand. A literal is copied in, for the expression that held it is gone by then; it takes
/// the place of the generation and version that it has not.
struct OperandRecord {
  void* data;
  Slot* slot;          // null: no gradient asked for
  memory::Cell* cell;  // checked again before backward reads; null when the frame itself owns the data
  std::uint64_t words[2];  // generation and version, or the literal
};

template <class L>
TENON_ALWAYS_INLINE void record_operand(OperandRecord& r, const L& l, TapeFrame& frame) {
  r.slot = nullptr;
  r.cell = nullptr;
  if constexpr (is_literal_v<L>) {
    static_assert(sizeof(typename L::dtype) <= sizeof(r.words));
    std::memcpy(r.words, l.data(), sizeof(typename L::dtype));
    r.data = r.words;
  } else {
    r.data = evaluation::bytes(l.data());
    if constexpr (requires { l.storage(); }) {
      if (l.storage()) {
        frame.keep(l.storage());
        return;
      }
    }
    if (l.stamp().cell == frame.stamp().cell) {  // its own value
      if constexpr (requires { l.slot(); }) r.slot = l.slot();
      return;
    }
    {
      r.cell = l.stamp().cell;
      r.words[0] = l.stamp().generation;
      r.words[1] = r.cell->version;
    }
    if constexpr (requires { l.slot(); })
      if (l.slot() != nullptr && l.frame() == &frame) r.slot = l.slot();
  }
}

TENON_ALWAYS_INLINE void check_operand(const OperandRecord& r, std::string_view op) {
  if (r.cell != nullptr) memory::check(memory::Stamp{r.cell, r.words[0]}, r.words[1], op);
}

/// A node whose operands all lie as its result does, or are single numbers: backward is one run of the loop.
template <class LoopT, class T, class S, int Leaves>
struct DenseNode : NodeHeader {
  static constexpr int saves = LoopT::plan.saved_count;
  OperandRecord operand[Leaves];
  T* y;
  Slot y_slot;
  [[no_unique_address]] S shape;
  void* saved[saves + 1];
};

/// Whether a result is so small, by its type, that its value and adjoint stand in the node itself.
template <class T, class S>
consteval bool is_small() {
  if constexpr (S::is_static)
    return S{}.size() * static_cast<Index>(sizeof(T)) <= 16;
  else
    return false;
}
/// A dense node whose result may stand in it.
template <class LoopT, class T, class S, int Leaves>
struct ElementwiseNode : DenseNode<LoopT, T, S, Leaves> {
  struct None {};
  struct Both {
    alignas(16) std::byte value[16];
    alignas(16) std::byte gradient[16];
  };
  static constexpr bool small = is_small<T, S>();
  [[no_unique_address]] std::conditional_t<small, Both, None> own;
};

/// Any other node: operands keep their strides, read along the result's dimensions.
template <class LoopT, class T, class S, int Leaves>
struct StridedNode : DenseNode<LoopT, T, S, Leaves> {
  Strides<S::rank> strides[Leaves];
  Index elements[Leaves];  ///< of each operand itself
};

/// Which leaves of a loop are splat, active, and how large an element of each is.
template <class S, class L>
struct LeafFacts;
template <class S, class... L>
struct LeafFacts<S, graph::list<L...>> {
  static constexpr int count = static_cast<int>(sizeof...(L));
  static constexpr bool splat[sizeof...(L)] = {evaluation::is_splat<L, S>()...};
  /// Of leaves of one tag, which are one operand to the loop, the first receives the adjoint.
  static constexpr auto receive() {
    std::array<bool, sizeof...(L)> a{evaluation::is_active<L>()...};
    constexpr int tags[] = {L::tag...};
    for (std::size_t i = 0; i < a.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) a[i] = a[i] && (tags[i] < 0 || tags[i] != tags[j]);
    return a;
  }
  static constexpr auto active = receive();
  static constexpr bool scalar[sizeof...(L)] = {(L::shape_type::rank == 0)...};
  static constexpr bool scattered = (false || ... || (evaluation::is_active<L>() && !L::dense));
  static constexpr Index item[sizeof...(L)] = {static_cast<Index>(sizeof(typename L::dtype))...};
  static constexpr Index adjoint_item[sizeof...(L)] = {static_cast<Index>(sizeof(compute_t<typename L::dtype>))...};
  using Adder = void (*)(std::byte*, Index, const std::byte*, Index);
  static constexpr Adder adder[sizeof...(L)] = {&rows::add_strided<compute_t<typename L::dtype>>...};
};

/// Memory for the adjoint of operand K, n elements of it; cleared when contributions come in pieces.
template <class Facts, int K>
TENON_ALWAYS_INLINE void* acquire_adjoint(Backward& b, Slot* s, Index n, bool in_pieces, Write& mode) {
  if constexpr (!Facts::active[K]) {
    (void)b, (void)s, (void)n, (void)in_pieces, (void)mode;
    return nullptr;
  } else {
    if (s == nullptr) return nullptr;
    const Index bytes = n * Facts::adjoint_item[K];
    if (s->gradient == nullptr) s->gradient = b.take(bytes);
    mode = s->written ? Write::add : Write::store;
    s->written = true;
    if (in_pieces && mode == Write::store) {
      std::memset(s->gradient, 0, static_cast<std::size_t>(bytes));  // all bits zero is 0.0
      mode = Write::add;
    }
    return s->gradient;
  }
}
/// Calls f.operator()<K>() for each operand, last to first: the order in which loops deliver adjoints, so that a value
/// read twice is stored to, then added to.
template <int Leaves, class F>
TENON_ALWAYS_INLINE void for_each_adjoint(F f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) TENON_INLINE_LAMBDA { (f.template operator()<Leaves - 1 - static_cast<int>(I)>(), ...); }(std::make_index_sequence<static_cast<std::size_t>(Leaves)>{});
}

template <class Node>
TENON_ALWAYS_INLINE bool ready(const Node& n, int leaves, std::string_view op) {
  if (!n.y_slot.written) return false;  // nothing that was asked for depends on it
  for (int k = 0; k < leaves; ++k) check_operand(n.operand[k], op);
  return true;
}

/// Backward of an elementwise loop over dense operands.
template <class LoopT, class T, class S, class P, class G>
void backward_dense(NodeHeader* header, Backward& b) {
  using Facts = LeafFacts<S, typename LeafList<P>::type>;
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count;
  using Node = ElementwiseNode<LoopT, T, S, leaves>;
  auto& node = *static_cast<Node*>(header);
  if (!ready(node, leaves, evaluation::RootName<G>::value)) return;
  void* p[2 * leaves + 2 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  const Index n = node.shape.size();
  bool sums = false;
  for_each_adjoint<leaves>([&]<int K>() TENON_INLINE_LAMBDA {
    p[K] = node.operand[K].data;
    p[leaves + 2 + saves + K] = acquire_adjoint<Facts, K>(b, node.operand[K].slot, Facts::scalar[K] ? 1 : n, Facts::splat[K], mode[K]);
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
  if constexpr (Node::small)
    node.y_slot.gradient = nullptr;  // passed on
  else
    b.release(&node.y_slot, n * static_cast<Index>(sizeof(T)));
}

/// Streams for operands and their adjoints, for a node that keeps strides. Returns the number of streams before the
/// adjoints' place is filled in by the caller.
template <class Facts, class Node, class S>
void adjoint_streams(Backward& b, Node& node, const S& shape, rows::Stream* operands, rows::Stream* adjoints, Write* mode) {
  for_each_adjoint<Facts::count>([&]<int K>() {
    const auto strides = evaluation::padded<S::rank>(node.strides[K]);
    operands[K] = {static_cast<std::byte*>(node.operand[K].data), Facts::item[K], Facts::splat[K], false, nullptr, -1, strides};
    bool repeats = Facts::splat[K];
    for (int i = 0; i < S::rank; ++i) repeats = repeats || (shape[i] != 1 && node.strides[K][static_cast<std::size_t>(i)] == 0);
    if constexpr (Facts::scattered)  // x + transpose(x): an element's two contributions come in different iterations
      for (int j = 0; j < Facts::count; ++j)
        repeats = repeats || (node.operand[j].slot == node.operand[K].slot && node.strides[j] != node.strides[K]);
    void* d = acquire_adjoint<Facts, K>(b, node.operand[K].slot, node.elements[K], repeats, mode[K]);
    adjoints[K] = {static_cast<std::byte*>(d), Facts::adjoint_item[K], Facts::splat[K], true, Facts::adder[K], K, strides};
  });
}

/// Backward of an elementwise loop over operands of any strides.
template <class LoopT, class T, class S, class P, class G>
void backward_strided(NodeHeader* header, Backward& b) {
  using Facts = LeafFacts<S, typename LeafList<P>::type>;
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count;
  auto& node = *static_cast<StridedNode<LoopT, T, S, leaves>*>(header);
  if (!ready(node, leaves, evaluation::RootName<G>::value)) return;
  rows::Stream streams[2 * leaves + 2 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  adjoint_streams<Facts>(b, node, node.shape, streams, streams + leaves + 2 + saves, mode);
  const auto own = evaluation::padded<S::rank>(row_major(node.shape));
  streams[leaves] = {evaluation::bytes(node.y), static_cast<Index>(sizeof(T)), false, false, nullptr, -1, own};
  streams[leaves + 1] = {static_cast<std::byte*>(node.y_slot.gradient), static_cast<Index>(sizeof(T)), false, false, nullptr, -1, own};
  for (int s = 0; s < saves; ++s)
    streams[leaves + 2 + s] = {static_cast<std::byte*>(node.saved[s]), LoopT::saved_item[static_cast<std::size_t>(s)], false, false, nullptr, -1, own};
  const auto extents = node.shape.extents();
  rows::run(&LoopT::template backward<false>, S::rank, extents.data(), streams, 2 * leaves + 2 + saves, mode, leaves);
  b.release(&node.y_slot, node.shape.size() * static_cast<Index>(sizeof(T)));
}

/// A reduction: the operands' shape S, the result's R.
template <class LoopT, class T, class S, class R, int Leaves>
struct FoldNode : StridedNode<LoopT, T, S, Leaves> {
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
template <class LoopT, class F, class T, class S, class R, class P>
void backward_fold_dense(NodeHeader* header, Backward& b) {
  using Facts = LeafFacts<S, typename LeafList<P>::type>;
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count, first = leaves + 3 + saves;
  auto& node = *static_cast<DenseNode<LoopT, T, S, leaves>*>(header);
  if (!ready(node, leaves, F::name)) return;
  const Index n = node.shape.size();
  void* p[2 * leaves + 3 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  T share = F::template share<T>(n);
  for_each_adjoint<leaves>([&]<int K>() TENON_INLINE_LAMBDA {
    p[K] = node.operand[K].data;
    p[first + K] = acquire_adjoint<Facts, K>(b, node.operand[K].slot, Facts::scalar[K] ? 1 : n, Facts::splat[K], mode[K]);
  });
  p[leaves] = node.y;
  p[leaves + 1] = node.y_slot.gradient;
  p[leaves + 2] = &share;
  for (int s = 0; s < saves; ++s) p[leaves + 3 + s] = node.saved[s];
  if (n > 0) LoopT::template backward<true>(n, p, mode);
  b.release(&node.y_slot, static_cast<Index>(sizeof(T)));
}

/// Backward of a reduction.
template <class LoopT, class F, rows::Axes A, class T, class S, class R, class P, class G>
void backward_fold(NodeHeader* header, Backward& b) {
  using Facts = LeafFacts<S, typename LeafList<P>::type>;
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count;
  auto& node = *static_cast<FoldNode<LoopT, T, S, R, leaves>*>(header);
  if (!ready(node, leaves, F::name)) return;
  rows::Stream streams[2 * leaves + 3 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  constexpr bool seed_splat = evaluation::folds_rows<S, A> && S::rank > 0;
  adjoint_streams<Facts>(b, node, node.shape, streams, streams + leaves + 3 + saves, mode);
  const Index results = node.result_shape.size(), folded = evaluation::folded_count(node.shape, A);
  const auto result_strides = evaluation::fold_strides(node.shape, A);
  const auto own = evaluation::padded<S::rank>(row_major(node.shape));
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
  streams[leaves] = {evaluation::bytes(node.y), static_cast<Index>(sizeof(T)), seed_splat, false, nullptr, -1, result_strides};
  streams[leaves + 1] = {static_cast<std::byte*>(node.y_slot.gradient), static_cast<Index>(sizeof(T)), seed_splat, false, nullptr, -1, result_strides};
  streams[leaves + 2] = {evaluation::bytes(share), static_cast<Index>(sizeof(T)), seed_splat, false, nullptr, -1, share_strides};
  for (int s = 0; s < saves; ++s)
    streams[leaves + 3 + s] = {static_cast<std::byte*>(node.saved[s]), LoopT::saved_item[static_cast<std::size_t>(s)], false, false, nullptr, -1, own};
  const auto extents = node.shape.extents();
  rows::run(&LoopT::template backward<seed_splat>, S::rank, extents.data(), streams, 2 * leaves + 3 + saves, mode, leaves);
  if (share_bytes > 0) b.give(share, share_bytes);
  b.release(&node.y_slot, results * static_cast<Index>(sizeof(T)));
}

}  // namespace tenon::inline TENON_ABI::autodiff
