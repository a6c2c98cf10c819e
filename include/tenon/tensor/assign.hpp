// Assignment through a MutView: right whatever the expression reads, the destination included.
#pragma once

#include "tenon/tensor/view.hpp"

namespace tenon::inline TENON_ABI {

template <class T, Index... E>
template <class U, class S, class G, class P>
void MutView<T, E...>::assign(Piece<U, S, G, P> p, Loc at) {
  static_assert(std::is_same_v<U, T>, "tenon: the expression has another dtype than the destination; write cast<T>(e)");
  require_broadcast<shape_type, S>();
  memory::check(stamp_, "assign", at, memory::exclusive_bit);
  using C = context_t<P>;
  C::check_escape(p.operands, at);
  const auto joined = broadcast("assign", at, shape_, p.shape);
  if (!(joined.extents() == shape_.extents()))
    throw ShapeError(at, "tenon::assign: a value of shape " + to_string(p.shape) + " does not fit the destination of shape " + to_string(shape_));
  bool overlaps = false;
  const auto mine = byte_range(data_, shape_, strides_);
  for_each_leaf_of(p.operands, [&](auto& l) {
    using L = std::remove_cvref_t<decltype(l)>;
    if constexpr (requires { l.stamp(); }) {
      if (l.stamp().cell != stamp_.cell) {
        l.check("assign", at);
        return;
      }
      // This storage's own elements are read under this borrow; opening it has bumped the version once.
      memory::check(l.stamp(), "assign", at, memory::exclusive_bit);
      if constexpr (requires { l.version(); } && checks > 0)
        if (stamp_.cell->version - l.version() > 1) memory::detail::refuse_version(l.stamp(), "assign", at);
      if (!overlap(mine, byte_range(l.data(), l.shape(), l.strides()))) return;
      const bool exact = std::is_same_v<typename L::dtype, T> && static_cast<const void*>(l.data()) == data_ &&
                         broadcast_strides(shape_, l.shape(), l.strides()) == strides_;
      overlaps = overlaps || !exact;
    } else {
      l.check("assign", at);
    }
  });
  if constexpr (!std::is_same_v<G, leaf> && S::rank < shape_type::rank) overlaps = true;  // evaluated once, then repeated
  if constexpr (build::product_count<P>() > 0 || build::is_folded_root<G>) overlaps = true;
  if (overlaps) {
    ++memory::thread_counters.alias_temporaries;
    const Index n = checked_size(p.shape.extents(), sizeof(T), at);
    memory::Storage storage(n * static_cast<Index>(sizeof(T)), at);
    evaluation::forward(std::type_identity<G>{}, p.operands, p.shape, evaluation::Target<T, S>{static_cast<T*>(storage.bytes()), row_major(p.shape), true});
    Held<T, S> held(std::move(storage), p.shape);
    evaluation::forward(std::type_identity<leaf>{}, held, shape_, evaluation::Target<T, shape_type>{data_, strides_, is_row_major(shape_, strides_)});
  } else {
    evaluation::forward(std::type_identity<G>{}, p.operands, shape_, evaluation::Target<T, shape_type>{data_, strides_, is_row_major(shape_, strides_)});
  }
}

}  // namespace tenon::inline TENON_ABI
