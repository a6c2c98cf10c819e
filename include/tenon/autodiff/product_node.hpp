// Tape nodes for expressions with a lazy product: backward turns dy into dz in place, then runs the product's own
// backward on dz.
#pragma once

#include "tenon/autodiff/elementwise_node.hpp"
#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// One factor: its elements as a span, and where its gradient goes.
template <class T, int R, bool Active> struct FactorData {
  static constexpr bool active = Active;
  OperandRecord operand;
  std::array<Index, static_cast<std::size_t>(R)> extent, stride;

  Span<const T, R> span() const { return {static_cast<const T*>(operand.data), extent, stride}; }
  /// Memory for its gradient: without gaps, in the order of the factor's strides.
  Gradient<T, R> gradient(Backward& b) const {
    Gradient<T, R> g;
    if constexpr (Active) {
      Index n = 1;
      for (Index e : extent) n *= e;
      g.data = b.acquire<T>(operand.slot, n, g.mode);
      g.extent = extent;
      g.stride = stride;
    }
    return g;
  }
};
template <class L> using FactorRecord = FactorData<typename L::dtype, L::shape_type::rank, evaluation::is_active<L>()>;
template <class L> void record_factor(FactorRecord<L>& r, const L& l, TapeFrame& frame) {
  record_operand(r.operand, l, frame);
  r.extent = l.shape().extents();
  r.stride = l.strides();
}

/// Op(a, b) with an elementwise loop around it; A and B are FactorData.
template <class LoopT, class Op, class T, class S, int Leaves, class A, class B>
struct ProductNode : StridedNode<LoopT, T, S, Leaves> {
  A a;
  B b;
  [[no_unique_address]] Op rule;
};
/// A product alone: no loop around it.
struct NoLoop {
  struct Plan {
    int saved_count;
  };
  static constexpr Plan plan{0};
};

/// The gradient of factor b, put off: dz and a stay where they are until the frame ends.
template <class Op, class T, int R, class A, class B> struct DeferredFactor : DeferredGradient {
  A a;
  B b;
  [[no_unique_address]] Op rule;
  Span<T, R> dz;
  double factor;  ///< what dz has been multiplied by

  static void add_to(DeferredGradient& g, void* to, double scale, Write mode) {
    auto& d = static_cast<DeferredFactor&>(g);
    if (scale != d.factor) {
      const T s = static_cast<T>(scale / d.factor);
      for (Index i = 0, n = d.dz.size(); i < n; ++i) d.dz.data[i] *= s;
      d.factor = scale;
    }
    decltype(d.b.gradient(std::declval<Backward&>())) db;
    db.data = static_cast<T*>(to);
    db.extent = d.b.extent;
    db.stride = d.b.stride;
    db.mode = mode;
    d.rule.backward(d.a.span(), d.b.span(), Span<const T, R>(d.dz), decltype(d.a.gradient(std::declval<Backward&>())){},
                    db);
  }
};
/// Puts the gradient of factor b off when it is a parameter's first, dz is small beside it, and nobody can change a
/// before the frame ends. False: it has to be computed now.
template <class Op, class T, int R, class A, class B>
bool defer_factor(const Op& rule, const A& a, const B& b, const Span<T, R>& dz, Backward& walk) {
  if constexpr (B::active && std::is_floating_point_v<T> &&
                requires { Op::template reserve_gradient<T>(a.extent, b.extent); }) {
    const OperandRecord& w = b.operand;
    const bool is_parameter = w.slot != nullptr && w.cell != nullptr;
    if (!is_parameter || !walk.may_defer() || w.slot->written || a.operand.cell != nullptr ||
        4 * dz.size() > b.span().size())
      return false;
    Op::template reserve_gradient<T>(a.extent, b.extent);
    using Deferred = DeferredFactor<Op, T, R, A, B>;
    auto* d = static_cast<Deferred*>(walk.frame().template allocate_for<Deferred>());
    d->add = &Deferred::add_to;
    d->slot = static_cast<ParameterSlot*>(w.slot);
    d->a = a;
    d->b = b;
    d->rule = rule;
    d->dz = dz;
    d->factor = 1;
    walk.frame().defer(d);
    return true;
  } else {
    return false;
  }
}

/// Passes dz on to both factors. True: dz is still needed.
template <class Op, class T, int R, class A, class B>
bool backward_factors(const Op& rule, const A& a, const B& b, const Span<T, R>& dz_memory, Backward& walk) {
  check_operand(a.operand, Op::name);
  check_operand(b.operand, Op::name);
  const Span<const T, R> dz = dz_memory;
  // When both factors are one value, the second contribution must find the first.
  auto da = a.gradient(walk);
  if (a.operand.slot != nullptr && a.operand.slot == b.operand.slot) {
    rule.backward(a.span(), b.span(), dz, da, decltype(b.gradient(walk)){});
    rule.backward(a.span(), b.span(), dz, decltype(da){}, b.gradient(walk));
  } else if (defer_factor(rule, a, b, dz_memory, walk)) {
    rule.backward(a.span(), b.span(), dz, da, decltype(b.gradient(walk)){});
    return true;
  } else {
    rule.backward(a.span(), b.span(), dz, da, b.gradient(walk));
  }
  return false;
}
/// Passes on the adjoint of a product node. Pre: its memory may be written
template <class T, class Node> void finish_product(Node& node, Backward& b) {
  const bool keeps =
      backward_factors(node.rule, node.a, node.b, dense_span(static_cast<T*>(node.y_slot.gradient), node.shape), b);
  if (keeps) node.y_slot.gradient = nullptr;
  else b.release(&node.y_slot, node.shape.size() * static_cast<Index>(sizeof(T)));
}

template <class Op, class T, class S, class A, class B> void backward_product_alone(NodeHeader* header, Backward& b) {
  auto& node = *static_cast<ProductNode<NoLoop, Op, T, S, 1, A, B>*>(header);
  if (!node.y_slot.written) return;
  b.own(node.y_slot, node.shape.size() * static_cast<Index>(sizeof(T)));
  finish_product<T>(node, b);
}

/// A node's result read as rows: how many, how long, and how far apart those of each operand lie, in elements.
template <int Leaves> struct BlockView {
  Index rows = 1, n = 1, step[Leaves] = {};
};
/// False where an operand does not go on evenly from row to row, or its rows have gaps.
template <class Facts, class Node>
TENON_ALWAYS_INLINE bool view_as_block(const Node& node, BlockView<Facts::count>& v) {
  constexpr int rank = decltype(node.shape)::rank;
  if constexpr (rank == 0 || Facts::scattered) {
    return false;
  } else {
    v.n = node.shape[rank - 1];
    for (int d = 0; d + 1 < rank; ++d) v.rows *= node.shape[d];
    bool even = v.rows > 0 && v.n > 0, one_run = true;
    for (int k = 0; k < Facts::count; ++k) {
      const Index* s = node.strides[k];
      even = even && (Facts::splat[k] || s[rank - 1] == 1 || v.n == 1);
      for (int d = rank - 2; d > 0; --d) even = even && (node.shape[d - 1] == 1 || s[d - 1] == s[d] * node.shape[d]);
      v.step[k] = rank > 1 ? s[rank > 1 ? rank - 2 : 0] : 0;
      one_run = one_run && v.step[k] == (Facts::splat[k] ? 0 : v.n);
    }
    if (one_run || rank == 1) v.n *= v.rows, v.rows = 1;
    return even && (v.n > 1 || v.rows == 1);
  }
}
/// Runs the backward loop of a node over such rows; dz takes the place of dy. False: they are not such, or so many that
/// threads or sums by blocks are called for.
template <class LoopT, class T, class Facts, int At, class Node> bool backward_rows(Node& node, Backward& b) {
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count, adjoints = leaves + 2 + saves;
  BlockView<leaves> v;
  if (!view_as_block<Facts>(node, v) || v.rows * v.n > evaluation::grain_cheap) return false;
  if (v.rows > 2 * BlockedSum::rows)
    for (int k = 0; k < leaves; ++k)
      if (Facts::active[k] && node.operand[k].slot != nullptr && v.step[k] == 0) return false;
  void* p[2 * leaves + 2 + saves];
  Index step[2 * leaves + 2 + saves];
  Write mode[leaves] = {};
  for (int k = leaves - 1; k >= 0; --k) {  // last to first, as for_each_adjoint
    p[k] = node.operand[k].data;
    step[k] = p[k] == nullptr ? 0 : v.step[k] * Facts::item[k];
    const bool in_pieces = Facts::splat[k] || (v.rows > 1 && v.step[k] == 0);
    void* d = k == At            ? node.y_slot.gradient
              : Facts::active[k] ? acquire_adjoint(b, node.operand[k].slot, node.elements[k] * Facts::adjoint_item[k],
                                                   in_pieces, mode[k])
                                 : nullptr;
    p[adjoints + k] = d;
    step[adjoints + k] = d == nullptr ? 0 : v.step[k] * Facts::adjoint_item[k];
  }
  p[leaves] = node.y;
  p[leaves + 1] = node.y_slot.gradient;
  step[leaves] = step[leaves + 1] = v.n * static_cast<Index>(sizeof(T));
  for (int s = 0; s < saves; ++s) {
    p[leaves + 2 + s] = node.saved[s];
    step[leaves + 2 + s] = v.n * LoopT::saved_item[static_cast<std::size_t>(s)];
  }
  fused::BlockOf<LoopT>::template backward<At>(v.rows, v.n, p, step, mode);
  return true;
}

/// At: which operand of the loop is the product.
template <class LoopT, class Op, class T, class S, class Facts, int At, class A, class B>
void backward_product(NodeHeader* header, Backward& b) {
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count;
  auto& node = *static_cast<ProductNode<LoopT, Op, T, S, leaves, A, B>*>(header);
  if (!ready<leaves>(node, evaluation::RootName<typename LoopT::graph_type>::value)) return;
  // dz takes dy's place, element by element: dy is read before dz is written, and not needed afterwards.
  const auto dy = static_cast<std::byte*>(b.own(node.y_slot, node.shape.size() * static_cast<Index>(sizeof(T))));
  if (!backward_rows<LoopT, T, Facts, At>(node, b)) {
    rows::Stream streams[2 * leaves + 2 + saves];
    Write mode[leaves] = {};  // those of operands nobody asks about are not read
    rows::Stream* adjoints = streams + leaves + 2 + saves;
    const StridedView view = strided_view<Facts>(node);
    adjoint_streams(b, view, streams, adjoints, mode);
    const auto own = evaluation::padded<S::rank>(row_major(node.shape));
    streams[leaves] = read_stream(node.y, static_cast<Index>(sizeof(T)), false, own);
    streams[leaves + 1] = read_stream(dy, static_cast<Index>(sizeof(T)), false, own);
    saved_streams<LoopT>(node, streams + leaves + 2);
    adjoints[At].data = dy;
    mode[At] = Write::store;
    run_rows({&fused::BlockOf<LoopT>::template backward_one<At>, view, streams, 2 * leaves + 2 + saves,
              leaves + 2 + saves, mode},
             b);
  }
  finish_product<T>(node, b);
}

/// Whether backward reads the product's own values, so that forward must keep them.
template <class LoopT, class P> consteval bool product_needed() {
  using V = typename LoopT::Values;
  for (int i = 0; i < V::size; ++i)
    if (V::at[i].leaf == evaluation::product_index<P>) return LoopT::plan.needed[i];
  return false;
}

}  // namespace tenon::inline TENON_ABI::autodiff
