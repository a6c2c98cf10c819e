// Tape nodes for structured ops.
#pragma once

#include <tuple>

#include "tenon/autodiff/product_node.hpp"
#include "tenon/tensor/structured.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// R: FactorData, one an operand.
template <class Op, class T, class S, class... R> struct StructuredNode : NodeHeader {
  Op op;
  T* y;
  Slot y_slot;
  [[no_unique_address]] S shape;
  std::byte* saved;
  Pack<R...> operands;
};

template <class P, class F> void for_each_record(P& p, F f) {
  if constexpr (!std::is_same_v<P, Pack<>>) {
    f(p.first);
    for_each_record(p.rest, f);
  }
}
template <std::size_t I, class P> auto& record_at(P& p) {
  if constexpr (I == 0) return p.first;
  else return record_at<I - 1>(p.rest);
}

template <class Op, class T, class S, class... R> void backward_structured(NodeHeader* header, Backward& b) {
  auto& node = *static_cast<StructuredNode<Op, T, S, R...>*>(header);
  if (!node.y_slot.written) return;
  for_each_record(node.operands, [](auto& r) { check_operand(r.operand, Op::name); });
  const Span<const T, S::rank> y = dense_span(node.y, node.shape),
                               dy = dense_span(static_cast<T*>(node.y_slot.gradient), node.shape);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    // Braces: gradients are acquired in operand order, so a value that stands twice is stored to, then added to.
    std::tuple dx{record_at<I>(node.operands).gradient(b)...};
    node.op.backward(node.saved, y, dy, record_at<I>(node.operands).span()..., std::get<I>(dx)...);
  }
  (std::index_sequence_for<R...>{});
  b.release(&node.y_slot, node.shape.size() * static_cast<Index>(sizeof(T)));
}

/// Runs the op forward in `frame` and records it. Returns the slot of its adjoint.
template <class T, class S, class Op, class... L>
Slot* record_structured(const Op& op, TapeFrame& frame, const S& shape, T* y, const L&... x) {
  using NS = node_shape_t<S>;
  auto* n = frame.record<StructuredNode<Op, T, NS, FactorRecord<L>...>>();
  n->backward = &backward_structured<Op, T, NS, FactorRecord<L>...>;
  n->y_slot = Slot{};
  n->op = op;
  n->y = y;
  n->shape = NS(shape.extents());
  [&]<std::size_t... I>(std::index_sequence<I...>) { (record_factor(record_at<I>(n->operands), x, frame), ...); }
  (std::index_sequence_for<L...>{});
  const Index bytes = structured_detail::saved_bytes(op, span_of(x)...);
  n->saved = bytes > 0 ? static_cast<std::byte*>(frame.allocate(bytes)) : nullptr;
  op.forward(n->saved, dense_span(y, shape), span_of(x)...);
  return &n->y_slot;
}

}  // namespace tenon::inline TENON_ABI::autodiff
