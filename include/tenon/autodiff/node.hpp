// What the tape nodes of fused loops keep of each operand for backward.
#pragma once

#include "tenon/autodiff/tracked.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// What a node keeps of one operand. A literal is copied in, for the expression that held it is gone by then; it takes
/// the place of the generation and version that it has not.
struct OperandRecord {
  void* data;
  Slot* slot;              // null: no gradient asked for
  memory::Cell* cell;      // checked again before backward reads; null when the frame itself owns the data
  std::uint64_t words[2];  // generation and version, or the literal
};

template <class L> TENON_ALWAYS_INLINE void record_operand(OperandRecord& r, const L& l, TapeFrame& frame) {
  r.slot = nullptr;
  r.cell = nullptr;
  if constexpr (is_literal_v<L>) {
    using T = typename L::dtype;
    r.data = sizeof(T) <= sizeof(r.words) ? r.words : frame.allocate(sizeof(T));
    std::memcpy(r.data, static_cast<const void*>(l.data()), sizeof(T));
  } else {
    r.data = evaluation::bytes(l.data());
    if constexpr (requires { l.storage(); }) {
      if (l.storage()) {
        frame.keep(l.storage());
        return;
      }
    }
    if (l.stamp().cell == frame.stamp().cell) {  // its own value
      if constexpr (requires { l.slot_in_frame(); }) r.slot = l.slot_in_frame();
      else if constexpr (requires { l.slot(); }) r.slot = l.slot();
      return;
    }
    r.cell = l.stamp().cell;
    r.words[0] = l.stamp().generation;
    r.words[1] = l.stamp().version();
    if constexpr (requires { l.slot(); })
      if (l.slot() != nullptr && frame.learns(l.frame())) r.slot = l.slot();
  }
}

TENON_ALWAYS_INLINE void check_operand(const OperandRecord& r, std::string_view op) {
  if (r.cell != nullptr) memory::check(memory::Stamp{r.cell, r.words[0]}, r.words[1], op);
}

/// A node whose operands all lie as its result does, or are single numbers: backward is one run of the loop.
template <class LoopT, class T, class S, int Leaves> struct DenseNode : NodeHeader {
  static constexpr int saves = LoopT::plan.saved_count;
  OperandRecord operand[Leaves];
  T* y;
  Slot y_slot;
  [[no_unique_address]] S shape;
  void* saved[saves + 1];
};

/// Whether a result is so small, by its type, that its value and adjoint stand in the node itself.
template <class T, class S> consteval bool is_small() {
  if constexpr (S::is_static) return S{}.size() * static_cast<Index>(sizeof(T)) <= 16;
  else return false;
}
/// A dense node whose result may stand in it.
template <class LoopT, class T, class S, int Leaves> struct ElementwiseNode : DenseNode<LoopT, T, S, Leaves> {
  struct None {};
  struct Both {
    alignas(16) std::byte value[16];
    alignas(16) std::byte gradient[16];
  };
  static constexpr bool small = is_small<T, S>();
  [[no_unique_address]] std::conditional_t<small, Both, None> own;
};

/// Any other node: operands keep their strides, read along the result's dimensions.
template <class LoopT, class T, class S, int Leaves> struct StridedNode : DenseNode<LoopT, T, S, Leaves> {
  Index strides[Leaves][S::rank > 0 ? S::rank : 1];
  Index elements[Leaves];  ///< of each operand itself
};

/// The shape as a node's type has it: known to the compiler where it is tiny, else the rank alone. So layers of all
/// sizes share the code of their nodes.
template <class S> struct NodeShape {
  template <std::size_t... I> static auto of_rank(std::index_sequence<I...>) -> Shape<(static_cast<void>(I), dyn)...>;
  static consteval bool keeps() {
    if constexpr (S::is_static) return S{}.size() <= 4;
    else return false;
  }
  using type =
      std::conditional_t<keeps(), S, decltype(of_rank(std::make_index_sequence<static_cast<std::size_t>(S::rank)>{}))>;
};
template <class S> using node_shape_t = typename NodeShape<S>::type;

/// What a node's type keeps of an operand.
template <class T, bool Splat, bool Active, bool Receives, bool Scalar, bool Dense> struct OperandFacts {
  using dtype = T;
  static constexpr bool splat = Splat, active = Active, receives = Receives, scalar = Scalar, dense = Dense;
};
/// Which operands of a loop are splat, active, and how large an element of each is.
template <class... O> struct Facts {
  static constexpr int count = static_cast<int>(sizeof...(O));
  static constexpr bool splat[sizeof...(O)] = {O::splat...};
  static constexpr bool active[sizeof...(O)] = {O::receives...};
  static constexpr bool scalar[sizeof...(O)] = {O::scalar...};
  static constexpr bool scattered = (false || ... || (O::active && !O::dense));
  static constexpr Index item[sizeof...(O)] = {static_cast<Index>(sizeof(typename O::dtype))...};
  static constexpr Index adjoint_item[sizeof...(O)] = {static_cast<Index>(sizeof(compute_t<typename O::dtype>))...};
  using Adder = void (*)(std::byte*, Index, const std::byte*, Index);
  static constexpr Adder adder[sizeof...(O)] = {&rows::add_strided<compute_t<typename O::dtype>>...};
  using CompensatedAdder = void (*)(std::byte*, std::byte*, const std::byte*, Index);
  static constexpr CompensatedAdder compensated_adder[sizeof...(O)] = {
      &rows::add_compensated<compute_t<typename O::dtype>>...};
};
/// Those of leaves L... under a loop over S.
template <class S, class L> struct FactsOf;
template <class S, class... L> struct FactsOf<S, graph::list<L...>> {
  /// Of leaves of one tag, which are one operand to the loop, the first receives the adjoint.
  static constexpr auto receives = [] {
    std::array<bool, sizeof...(L)> a{evaluation::is_active<L>()...};
    constexpr int tags[] = {L::tag...};
    for (std::size_t i = 0; i < a.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) a[i] = a[i] && (tags[i] < 0 || tags[i] != tags[j]);
    return a;
  }();
  template <std::size_t... I>
  static auto make(std::index_sequence<I...>)
      -> Facts<OperandFacts<typename L::dtype, evaluation::is_splat<L, S>(), evaluation::is_active<L>(), receives[I],
                            L::shape_type::rank == 0, L::dense>...>;
  using type = decltype(make(std::index_sequence_for<L...>{}));
};
template <class S, class L> using LeafFacts = typename FactsOf<S, L>::type;

/// Memory for the adjoint in `s`, null when nobody asks for it; cleared when contributions come in pieces.
TENON_ALWAYS_INLINE void* acquire_adjoint(Backward& b, Slot* s, Index bytes, bool in_pieces, Write& mode) {
  if (s == nullptr) return nullptr;
  b.acquire(s, bytes, mode);
  if (in_pieces && mode == Write::store) {
    std::memset(s->gradient, 0, static_cast<std::size_t>(bytes));  // all bits zero is 0.0
    mode = Write::add;
  }
  return s->gradient;
}
/// That of operand K, n elements of it.
template <class Facts, int K>
TENON_ALWAYS_INLINE void* acquire_adjoint(Backward& b, Slot* s, Index n, bool in_pieces, Write& mode) {
  if constexpr (Facts::active[K]) {
    return acquire_adjoint(b, s, n * Facts::adjoint_item[K], in_pieces, mode);
  } else {
    (void)b, (void)s, (void)n, (void)in_pieces, (void)mode;
    return nullptr;
  }
}
/// Calls f.operator()<K>() for each operand, last to first: the order in which loops deliver adjoints, so that a value
/// read twice is stored to, then added to.
template <int Leaves, class F> TENON_ALWAYS_INLINE void for_each_adjoint(F f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) TENON_INLINE_LAMBDA {
    (f.template operator()<Leaves - 1 - static_cast<int>(I)>(), ...);
  }
  (std::make_index_sequence<static_cast<std::size_t>(Leaves)>{});
}

template <int Leaves> [[gnu::noinline]] void check_operands(const OperandRecord* r, std::string_view op) {
  for (int k = 0; k < Leaves; ++k) check_operand(r[k], op);
}
template <int Leaves, class Node> TENON_ALWAYS_INLINE bool ready(const Node& n, std::string_view op) {
  if (!n.y_slot.written) return false;  // nothing that was asked for depends on it
  if constexpr (checks > 0) {
    bool foreign = false;
    for (int k = 0; k < Leaves; ++k) foreign |= n.operand[k].cell != nullptr;
    if (foreign) check_operands<Leaves>(n.operand, op);
  }
  return true;
}

}  // namespace tenon::inline TENON_ABI::autodiff
