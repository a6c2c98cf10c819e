// Assignment through a MutView: right whatever the expression reads, the destination included.
#pragma once

#include "tenon/tensor/view.hpp"

namespace tenon::inline TENON_ABI {

template <class T, Index... E>
template <class U, class S, class G, class P>
void MutView<T, E...>::assign(Piece<U, S, G, P>&& p, Loc at) {
  static_assert(std::is_same_v<U, T>, "tenon: the expression has another dtype than the destination; write cast<T>(e)");
  require_broadcast<shape_type, S>();
  borrow_.check("assign", at);
  using C = context_t<P>;
  C::check_escape(p.operands, at);
  const auto joined = broadcast("assign", at, shape_, p.shape);
  if (!(joined.extents() == shape_.extents()))
    throw ShapeError(at,
                     "tenon::assign: a value of shape " + to_string(p.shape) +
                         " does not fit the destination of shape " + to_string(shape_),
                     "give a value whose shape broadcasts to the destination");
  bool overlaps = false;
  const auto mine = byte_range(data_, shape_, strides_);
  auto look_at = [&](auto& self, auto& l) -> void {
    using L = std::remove_cvref_t<decltype(l)>;
    if constexpr (is_product_v<L>) {
      if (!l.has_result()) {
        self(self, l.a);
        self(self, l.b);
        return;
      }
    }
    if constexpr (requires { l.stamp(); }) {
      if (l.stamp().cell != stamp().cell) {
        l.check("assign", at);
        return;
      }
      // This storage's own elements are read under this borrow, by an expression that saw its last write.
      memory::check(l.stamp(), "assign", at, borrow_.word());
      if constexpr (requires { l.version(); } && checks > 0)
        if (stamp().version() != l.version()) memory::detail::refuse_outdated(l.stamp(), "assign", at);
      if (!overlap(mine, byte_range(l.data(), l.shape(), l.strides()))) return;
      if constexpr (L::shape_type::rank > shape_type::rank) {  // a reduction
        overlaps = true;
      } else {
        const bool exact = std::is_same_v<typename L::dtype, T> && static_cast<const void*>(l.data()) == data_ &&
                           broadcast_strides(shape_, l.shape(), l.strides()) == strides_;
        overlaps = overlaps || !exact;
      }
    } else {
      l.check("assign", at);
    }
  };
  for_each_leaf_of(p.operands, [&](auto& l) { look_at(look_at, l); });
  if constexpr (!std::is_same_v<G, leaf> && S::rank < shape_type::rank)
    overlaps = true;  // evaluated once, then repeated
  if constexpr (build::product_count<P>() > 0 || build::is_folded_root<G>) overlaps = true;
  stamp().cell->grow_version();
  if (overlaps) {
    ++memory::thread_counters.alias_temporaries;
    const Index n = checked_size(p.shape.extents(), sizeof(T), at);
    memory::Storage storage(n * static_cast<Index>(sizeof(T)), at);
    evaluation::forward(std::type_identity<G>{}, p.operands, p.shape,
                        evaluation::Target<T, S>{static_cast<T*>(storage.bytes()), row_major(p.shape), true});
    Held<T, S> held(std::move(storage), p.shape);
    evaluation::forward(std::type_identity<leaf>{}, held, shape_,
                        evaluation::Target<T, shape_type>{data_, strides_, is_row_major(shape_, strides_)});
  } else {
    evaluation::forward(std::type_identity<G>{}, p.operands, shape_,
                        evaluation::Target<T, shape_type>{data_, strides_, is_row_major(shape_, strides_)});
  }
}

}  // namespace tenon::inline TENON_ABI
