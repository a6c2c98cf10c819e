// Recording: an evaluated expression becomes a node of the innermost frame's tape.
#pragma once

#include "tenon/autodiff/fold_node.hpp"
#include "tenon/autodiff/structured_node.hpp"

namespace tenon::inline TENON_ABI {

namespace autodiff {

/// The frame of the first leaf that has one.
template <class P> TapeFrame* find_frame(const P& p) {
  TapeFrame* f = nullptr;
  for_each_leaf_of(p, [&](auto& l) TENON_INLINE_LAMBDA {
    if constexpr (requires { l.frame(); })
      if (f == nullptr) f = l.frame();
  });
  return f;
}

/// Whether a gradient flows through any leaf into `frame`.
template <class P> bool any_active(const P& p, TapeFrame* frame) {
  bool active = false;
  for_each_leaf_of(p, [&](auto& l) TENON_INLINE_LAMBDA {
    if constexpr (is_product_v<std::remove_cvref_t<decltype(l)>>)
      active =
          active || (l.has_result() ? any_active(l.result(), frame) : any_active(l.a, frame) || any_active(l.b, frame));
    else if constexpr (requires { l.slot(); }) active = active || (l.slot() != nullptr && frame->learns(l.frame()));
  });
  return active;
}

[[noreturn]] TENON_COLD inline void refuse_number(Loc at) {
  throw OwnershipError(
      at, "tenon: a number taken from what a Step records would cut its gradient",
      "write slice(x, i) for an element that is recorded; x.item() or x.view()(i) to read it all the same");
}
[[noreturn]] TENON_COLD inline void refuse_short(std::string_view op, Loc at) {
  throw OwnershipError(
      at, "tenon::" + std::string(op) + ": a value of 16 bits has no adjoint, so a named one would cut the gradient",
      "cast back in the same expression, keep the value in float, or write .detach()");
}
/// Whether a value of dtype T can have an adjoint. The 16-bit types are for storage only.
template <class T> inline constexpr bool has_adjoint = is_dual_v<T> || std::is_floating_point_v<T>;
TENON_COLD inline void refuse_mixed(std::string_view op, Loc at) {
  throw OwnershipError(at, "tenon::" + std::string(op) + ": operands belong to frames of two arenas",
                       "make them in one arena, or clone() one of them");
}
TENON_COLD inline void refuse_undifferentiated(std::string_view op, Loc at) {
  throw OwnershipError(at,
                       "tenon::" + std::string(op) +
                           ": an operand was computed from parameters before the Step was there to record it; its "
                           "gradient would be lost",
                       "compute it inside the Step, or write .detach() to use it as a constant");
}
/// All leaves' frames lie in one arena, and nothing brings a gradient that nobody recorded.
template <class P> void check_frames(const P& p, TapeFrame* frame, std::string_view op, Loc at) {
  if constexpr (checks > 0) {
    for_each_leaf_of(p, [&](auto& l) TENON_INLINE_LAMBDA {
      if constexpr (is_product_v<std::remove_cvref_t<decltype(l)>>) {
        check_frames(l.a, frame, op, at);
        check_frames(l.b, frame, op, at);
      } else if constexpr (requires { l.frame(); }) {
        if (TapeFrame* f = l.frame(); f != frame && f != nullptr && &f->arena() != &frame->arena()) [[unlikely]]
          refuse_mixed(op, at);
      }
      if constexpr (requires { l.undifferentiated(); })
        if (l.undifferentiated() && frame->records()) [[unlikely]]
          refuse_undifferentiated(op, at);
    });
  }
}
/// What the leaves of an expression say of where it goes: the innermost frame of their arena, or null when none is open,
/// and whether a gradient flows through any of them.
struct Survey {
  TapeFrame* frame = nullptr;
  bool active = false;
};
/// Checks every leaf and where it belongs. Throws OwnershipError.
template <class P> [[gnu::noinline]] Survey survey_all(P& p, std::string_view op, Loc at) {
  for_each_leaf_of(p, [&](auto& l) { l.check(op, at); });
  TapeFrame* found = find_frame(p);
  if (found == nullptr) return {};
  TapeFrame* frame = innermost(found);
  check_frames(p, frame, op, at);
  return {frame, any_active(p, frame)};
}
/// The same, quickly where every leaf is a value of one and the same innermost frame: the first is checked, the others
/// must bear its stamp.
template <class P> TENON_ALWAYS_INLINE Survey survey(P& p, std::string_view op, Loc at) {
  Survey s;
  memory::Stamp stamp;
  bool own = true;
  for_each_leaf_of(p, [&](auto& l) TENON_INLINE_LAMBDA {
    using L = std::remove_cvref_t<decltype(l)>;
    if constexpr (requires { l.slot_in_frame(); }) {
      if (!own) return;
      if (s.frame == nullptr) {
        l.check(op, at);
        TapeFrame* f = l.frame();
        own = f != nullptr;
        if (!own) return;
        s.frame = innermost(f);
        stamp = s.frame->stamp();
        own = l.stamp().cell == stamp.cell;  // alive, so of this generation
      } else {
        own = l.stamp().cell == stamp.cell && l.stamp().generation == stamp.generation;
      }
      s.active = s.active || l.slot_in_frame() != nullptr;
    } else {
      own = own && is_literal_v<L>;
    }
  });
  if (own) [[likely]]
    return s;
  return survey_all(p, op, at);
}

/// Saved arrays of a loop over `elements` elements, in the frame.
template <class LoopT> void allocate_saved(TapeFrame& frame, Index elements, void** saved) {
  for (int s = 0; s < LoopT::plan.saved_count; ++s)
    saved[s] = frame.allocate(elements * LoopT::saved_item[static_cast<std::size_t>(s)]);
}
/// The result of a product that was computed by itself stands for it.
template <class L> const auto& resolved(const L& l) {
  if constexpr (is_product_v<L>) return l.result();
  else return l;
}
template <class Node, class P> void record_operands(Node& n, const P& p, TapeFrame& frame) {
  int k = 0;
  for_each_leaf(p, [&](auto& l) TENON_INLINE_LAMBDA { record_operand(n.operand[k++], resolved(l), frame); });
}
// Likewise around a product that is still lazy: its place stays empty.
template <class Node, class P> void record_operands_but_product(Node& n, const P& p, TapeFrame& frame) {
  int k = 0;
  for_each_leaf(p, [&](auto& l) TENON_INLINE_LAMBDA {
    if constexpr (is_product_v<std::remove_cvref_t<decltype(l)>>) n.operand[k] = OperandRecord{};
    else record_operand(n.operand[k], l, frame);
    ++k;
  });
}
template <class Node, class P, class S> void record_strides(Node& n, const P& p, const S& shape) {
  int k = 0;
  for_each_leaf(p, [&](auto& l) {
    const auto strides = broadcast_strides(shape, l.shape(), l.strides());
    for (std::size_t d = 0; d < strides.size(); ++d) n.strides[k][d] = strides[d];
    n.elements[k++] = l.shape().size();
  });
}
template <class T> void note_nan(TapeFrame& f, const T* y, Index n, std::string_view op, Loc at) {
  if constexpr (checks > 1 && std::is_floating_point_v<T>)
    for (Index i = 0; i < n; ++i)
      if (y[i] != y[i]) return f.note_nan(op, at);
  (void)f, (void)y, (void)n, (void)op, (void)at;
}

/// Whether the graph's root carries a gradient at all.
template <class G, class P, class S> struct IsActive {
  static constexpr bool value = graph::Describe<evaluation::canonical_t<G, P, S>>::active;
};
template <class F, rows::Axes A, class G, class P, class SIn, class S>
struct IsActive<folded<F, A, G>, FoldPack<P, SIn>, S> {
  static constexpr bool value = IsActive<G, P, SIn>::value && requires { F::derivative_reads; };
};

/// Evaluates an expression around a lazy product in `frame` and records both as one node.
template <class T, class S, class G, class P> Slot* record_product(TapeFrame& frame, P& p, const S& shape, T* y) {
  auto& product = evaluation::product_of(p);
  using Prod = std::remove_cvref_t<decltype(product)>;
  using Op = typename Prod::op_type;
  using A = FactorRecord<typename Prod::A_type>;
  using B = FactorRecord<typename Prod::B_type>;
  using NS = node_shape_t<S>;
  constexpr int leaves = evaluation::leaves_of<P>;
  auto fill = [&](auto* n) {
    n->y = y;
    n->y_slot = Slot{};
    n->shape = NS(shape.extents());
    record_factor(n->a, product.a, frame);
    record_factor(n->b, product.b, frame);
    n->rule = product.rule;
  };
  if constexpr (std::is_same_v<G, leaf>) {
    auto* n = frame.record<ProductNode<NoLoop, Op, T, NS, 1, A, B>>();
    n->backward = &backward_product_alone<Op, T, NS, A, B>;
    fill(n);
    product.forward(y, evaluation::Epilogue());
    return &n->y_slot;
  } else {
    using LoopT = typename evaluation::LoopFor<T, S, G, P>::type;
    using Facts = LeafFacts<S, typename LeafList<P>::type>;
    auto* n = frame.record<ProductNode<LoopT, Op, T, NS, leaves, A, B>>();
    n->backward = &backward_product<LoopT, Op, T, NS, Facts, evaluation::product_index<P>, A, B>;
    fill(n);
    record_operands_but_product(*n, p, frame);
    record_strides(*n, p, shape);
    allocate_saved<LoopT>(frame, shape.size(), n->saved);
    T* z = product_needed<LoopT, P>() ? frame.allocate_array<T>(shape.size()) : y;
    if (z != y) n->operand[evaluation::product_index<P>].data = z;
    ++memory::thread_counters.loops;
    evaluation::forward_epilogue<LoopT>(p, shape, y, z, n->saved);
    return &n->y_slot;
  }
}
/// Whether the expression around a lazy product can be one node with it.
template <class T, class S, class G, class P> bool epilogue_fits(P& p, const S& shape) {
  auto& product = evaluation::product_of(p);
  if constexpr (std::is_same_v<typename std::remove_cvref_t<decltype(product)>::dtype, T>) {
    bool fits = !product.has_result() && shape.extents() == product.shape().extents();
    for_each_leaf(p, [&](auto& l) {
      evaluation::EpilogueOperand o;
      if constexpr (!is_product_v<std::remove_cvref_t<decltype(l)>>)
        fits = fits && evaluation::epilogue_operand(l, shape, o);
    });
    return fits;
  } else {
    return false;
  }
}

/// Evaluates an elementwise expression in `frame` and records it. Returns the slot of its adjoint.
template <class T, class S, class G, class P>
Slot* record(std::type_identity<G>, TapeFrame& frame, P& p, const S& shape, T*& y) {
  if constexpr (evaluation::product_count<P>() > 0) {
    if (epilogue_fits<T, S, G>(p, shape)) {
      y = frame.allocate_array<T>(shape.size());
      return record_product<T, S, G>(frame, p, shape, y);
    }
    evaluation::product_of(p).evaluate_now(Loc{});
  }
  using LoopT = typename evaluation::LoopFor<T, S, G, P>::type;
  using NS = node_shape_t<S>;
  using Facts = LeafFacts<S, typename LeafList<P>::type>;
  constexpr int leaves = evaluation::leaves_of<P>;
  auto fill = [&]<class Node>(Node* n, void (*backward)(NodeHeader*, Backward&)) {
    n->backward = backward;
    n->y_slot = Slot{};
    n->shape = NS(shape.extents());
    if constexpr (requires { n->own.value; }) {
      y = reinterpret_cast<T*>(n->own.value);
      n->y_slot.gradient = n->own.gradient;
    } else {
      y = frame.allocate_array<T>(shape.size());
    }
    n->y = y;
    record_operands(*n, p, frame);
    allocate_saved<LoopT>(frame, shape.size(), n->saved);
    evaluation::forward_in_place(std::type_identity<G>{}, p, shape,
                                 evaluation::Target<T, S>{y, row_major(shape), true, n->saved});
    return &n->y_slot;
  };
  if (evaluation::all_lie_as(shape, p))
    return fill(frame.record<ElementwiseNode<LoopT, T, NS, leaves>>(), &backward_dense<LoopT, T, NS, Facts>);
  auto* n = frame.record<StridedNode<LoopT, T, NS, leaves>>();
  record_strides(*n, p, shape);
  return fill(n, &backward_strided<LoopT, T, NS, Facts>);
}
/// Likewise for a reduction.
template <class T, class R, class F, rows::Axes A, class G, class P, class S>
Slot* record(std::type_identity<folded<F, A, G>>, TapeFrame& frame, FoldPack<P, S>& p, const R& result, T*& y) {
  y = frame.allocate_array<T>(result.size());
  using LoopT = typename evaluation::LoopFor<T, R, folded<F, A, G>, FoldPack<P, S>>::type;
  using NS = node_shape_t<S>;
  using NR = node_shape_t<R>;
  using Facts = LeafFacts<S, typename LeafList<P>::type>;
  constexpr int leaves = evaluation::leaves_of<P>;
  auto fill = [&](auto* n, void (*backward)(NodeHeader*, Backward&)) {
    n->backward = backward;
    n->y = y;
    n->y_slot = Slot{};
    n->shape = NS(p.shape.extents());
    record_operands(*n, p.operands, frame);
    allocate_saved<LoopT>(frame, p.shape.size(), n->saved);
    evaluation::forward(std::type_identity<folded<F, A, G>>{}, p, result,
                        evaluation::Target<T, R>{y, row_major(result), true, n->saved});
    return &n->y_slot;
  };
  if constexpr (S::rank > 0 && A == evaluation::all_axes<S>() && !requires { F::counts_ties; })
    if (evaluation::all_lie_as(p.shape, p.operands))
      return fill(frame.record<DenseNode<LoopT, T, NS, leaves>>(), &backward_fold_dense<LoopT, F, T, NS, Facts>);
  auto* n = frame.record<FoldNode<LoopT, T, NS, NR, leaves>>();
  n->result_shape = NR(result.extents());
  record_strides(*n, p.operands, p.shape);
  return fill(n, &backward_fold<LoopT, F, A, T, NS, NR, Facts>);
}

}  // namespace autodiff

}  // namespace tenon::inline TENON_ABI
