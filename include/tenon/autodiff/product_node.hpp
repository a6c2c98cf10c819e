// Tape nodes for expressions with a lazy product: backward turns dy into dz in place, then runs the product's own
// backward on dz.
#pragma once

#include "tenon/autodiff/elementwise_node.hpp"
#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// One factor: its elements as a span, and where its gradient goes.
template <class L> struct FactorRecord {
  OperandRecord operand;
  std::array<Index, static_cast<std::size_t>(L::shape_type::rank)> extent, stride;
};
template <class L> void record_factor(FactorRecord<L>& r, const L& l, TapeFrame& frame) {
  record_operand(r.operand, l, frame);
  r.extent = l.shape().extents();
  r.stride = l.strides();
}
template <class L> Span<const typename L::dtype, L::shape_type::rank> factor_span(const FactorRecord<L>& r) {
  return {static_cast<const typename L::dtype*>(r.operand.data), r.extent, r.stride};
}
/// Memory for a factor's gradient: without gaps, in the order of the factor's strides.
template <class L> Gradient<typename L::dtype, L::shape_type::rank> factor_gradient(FactorRecord<L>& r, Backward& b) {
  using T = typename L::dtype;
  Gradient<T, L::shape_type::rank> g;
  if constexpr (evaluation::is_active<L>()) {
    Index n = 1;
    for (Index e : r.extent) n *= e;
    g.data = b.acquire<T>(r.operand.slot, n, g.mode);
    g.extent = r.extent;
    g.stride = r.stride;
  }
  return g;
}

template <class LoopT, class T, class S, int Leaves, class Prod> struct ProductNode : StridedNode<LoopT, T, S, Leaves> {
  FactorRecord<typename Prod::A_type> a;
  FactorRecord<typename Prod::B_type> b;
  [[no_unique_address]] typename Prod::op_type rule;
};
/// A product alone: no loop around it.
struct NoLoop {
  struct Plan {
    int saved_count;
  };
  static constexpr Plan plan{0};
};

template <class Prod, class Node, class S> void backward_factors(Node& node, const S& shape, Backward& b) {
  using T = typename Prod::dtype;
  check_operand(node.a.operand, Prod::op_type::name);
  check_operand(node.b.operand, Prod::op_type::name);
  // When both factors are one value, the second contribution must find the first.
  auto da = factor_gradient(node.a, b);
  const Span<const T, S::rank> dz = dense_span(static_cast<T*>(node.y_slot.gradient), shape);
  if (node.a.operand.slot != nullptr && node.a.operand.slot == node.b.operand.slot) {
    node.rule.backward(factor_span(node.a), factor_span(node.b), dz, da,
                            Gradient<typename Prod::B_type::dtype, Prod::B_type::shape_type::rank>{});
    auto db = factor_gradient(node.b, b);
    node.rule.backward(factor_span(node.a), factor_span(node.b), dz,
                            Gradient<typename Prod::A_type::dtype, Prod::A_type::shape_type::rank>{}, db);
  } else {
    auto db = factor_gradient(node.b, b);
    node.rule.backward(factor_span(node.a), factor_span(node.b), dz, da, db);
  }
}

template <class T, class S, class Prod> void backward_product_alone(NodeHeader* header, Backward& b) {
  auto& node = *static_cast<ProductNode<NoLoop, T, S, 1, Prod>*>(header);
  if (!node.y_slot.written) return;
  backward_factors<Prod>(node, node.shape, b);
  b.release(&node.y_slot, node.shape.size() * static_cast<Index>(sizeof(T)));
}

template <class LoopT, class T, class S, class P, class G, class Prod>
void backward_product(NodeHeader* header, Backward& b) {
  using Facts = LeafFacts<S, typename LeafList<P>::type>;
  constexpr int leaves = Facts::count, saves = LoopT::plan.saved_count, at = evaluation::product_index<P>;
  auto& node = *static_cast<ProductNode<LoopT, T, S, leaves, Prod>*>(header);
  if (!ready<leaves>(node, evaluation::RootName<G>::value)) return;
  rows::Stream streams[2 * leaves + 2 + saves];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  rows::Stream* adjoints = streams + leaves + 2 + saves;
  adjoint_streams<Facts>(b, node, node.shape, streams, adjoints, mode);
  const auto own = evaluation::padded<S::rank>(row_major(node.shape));
  const auto dy = static_cast<std::byte*>(node.y_slot.gradient);
  streams[leaves] = read_stream(node.y, static_cast<Index>(sizeof(T)), false, own);
  streams[leaves + 1] = read_stream(dy, static_cast<Index>(sizeof(T)), false, own);
  saved_streams<LoopT>(node, streams + leaves + 2);
  // dz takes dy's place, element by element: dy is read before dz is written, and not needed afterwards.
  adjoints[at].data = dy;
  mode[at] = Write::store;
  const auto extents = node.shape.extents();
  run_rows<Facts>(&LoopT::template backward<false>, S::rank, extents.data(), streams, 2 * leaves + 2 + saves, adjoints,
                  mode, node, b);
  backward_factors<Prod>(node, node.shape, b);
  b.release(&node.y_slot, node.shape.size() * static_cast<Index>(sizeof(T)));
}

/// Whether backward reads the product's own values, so that forward must keep them.
template <class LoopT, class P> consteval bool product_needed() {
  using V = typename LoopT::Values;
  for (int i = 0; i < V::size; ++i)
    if (V::at[i].leaf == evaluation::product_index<P>) return LoopT::plan.needed[i];
  return false;
}

}  // namespace tenon::inline TENON_ABI::autodiff
