// What Step and Scope share: how data comes into a frame, and how the tape is walked back.
#pragma once

#include "tenon/autodiff/value.hpp"
#include "tenon/tensor/frozen.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// What Step and Scope share: bringing data in.
class InputFrame : public TapeFrame {
 public:
  /// A tensor or view as a constant of this frame. Dense ones are not copied but lent: kept alive, and not writable,
  /// until the frame ends; a view with gaps is copied into the arena.
  template <class T, Index... E>
      Value<T, E...> input(const Tensor<T, E...>& x, Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    return lend_view(x.view(at), false, at);
  }
  template <class T, Index... E>
      Value<T, E...> input(const View<T, E...>& x, Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    return lend_view(x, false, at);
  }
  template <class T, Index... E>
      Value<T, E...> input(const Frozen<T, E...>& x, Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    return lend_view(x.view(at), false, at);
  }
  /// A temporary moves in.
  template <class T, Index... E>
      Value<T, E...> input(Tensor<T, E...>&& x, Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    return take(std::move(x), false, at);
  }
  /// A copy of x in the frame around this one, as a constant there: it lives on when this frame ends.
  /// Throws OwnershipError when this is the outermost frame, or not the innermost.
  template <class T, Index... E> Value<T, E...> promote(const Value<T, E...>& x, Loc at = Loc::current()) & {
    memory::check(x.stamp(), "promote", at);
    auto* outer = static_cast<TapeFrame*>(parent());
    if (outer == nullptr)
      throw OwnershipError(at, "tenon::promote: there is no frame around this one",
                           "clone() the value into a Tensor instead");
    if (arena().top() != this)
      throw OwnershipError(at,
                           "tenon::promote: a frame opened inside this one" +
                               memory::detail::place(" (at ", arena().top()->born()) + " is still open",
                           "promote from the innermost frame");
    T* p = outer->allocate_array<T>(x.size());  // the outer frame's stack is the other one: nothing lies above it
    if (x.size() > 0) std::memcpy(static_cast<void*>(p), x.data(at), static_cast<std::size_t>(x.size()) * sizeof(T));
    return {p, x.shape(), outer->stamp(), nullptr};
  }
  template <class T, class S, class G, class P> auto promote(const Expr<T, S, G, P>& e, Loc at = Loc::current()) & {
    return promote(Value(e, at), at);
  }
  /// Bytes that live as long as the frame, as a constant of this shape: filled by f(T*).
  template <class T, Index... E, class F>
      Value<T, E...> make(const Shape<E...>& shape, F fill, Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    require_room("make", at);
    const Index n = checked_size(shape.extents(), sizeof(T), at);
    T* p = allocate_array<T>(n);
    fill(p);
    return {p, shape, stamp(), nullptr};
  }

 protected:
  using TapeFrame::TapeFrame;
  /// Walks the tape back from a value of n elements: its adjoint starts as `seed`, or 1. `op` names the caller.
  template <class R> void reverse(const R& root, const typename R::dtype* seed, std::string_view op, Loc at) {
    using T = typename R::dtype;
    if constexpr (!R::dense)
      return reverse(build::dense_leaf(root, at), seed, op, at);  // the seed is in row-major order
    Slot* slot = nullptr;
    if constexpr (requires { root.slot(); }) {
      root.check(op, at);
      if (root.frame() == this) slot = root.slot();
    }
    if (slot == nullptr)
      throw OwnershipError(at, "tenon::" + std::string(op) + ": the loss was not recorded here, so nothing would learn",
                           "compute it from the parameters of the modules given to the Step, or from step.variable(x)");
    Backward b(*this);
    const Index n = root.shape().size();
    if (seed == nullptr || !Backward::lend(slot, seed, n * static_cast<Index>(sizeof(T)))) {
      Write mode;
      T* g = b.acquire<T>(slot, n, mode);
      for (Index i = 0; i < n; ++i) {
        const T s = seed == nullptr ? T(1) : seed[i];
        g[i] = mode == Write::add ? g[i] + s : s;
      }
    }
    for (NodeHeader* node = last_node(); node != nullptr; node = node->previous) node->backward(node, b);
    consume(at);
  }
  /// Whether storage can stay unwritable as long as this frame: not when somebody holds it who may let go earlier.
  bool may_lend(const memory::Cell& c) const {
    if (c.holder == nullptr) return true;
    if (c.traits.learns) return false;
    const memory::Frame* f = this;
    while (f != nullptr && f != c.holder) f = f->parent();
    return f != nullptr;
  }
  /// What this frame takes now must not lie on top of what a deeper frame gives back.
  TENON_ALWAYS_INLINE void require_room(std::string_view op, Loc at) const {
    if constexpr (checks > 0) {
      memory::check(stamp(), op, at);
      if (!has_room()) [[unlikely]]
        refuse_room(op, at);
    }
  }
  [[noreturn]] TENON_COLD static void refuse_room(std::string_view op, Loc at) {
    throw OwnershipError(
        at, "tenon::" + std::string(op) + ": two frames are open inside this one, so it can take no memory now",
        "bring the data in before they are opened, or into the innermost frame");
  }
  Slot* new_slot() {
    auto* s = new (allocate_for<Slot>()) Slot{};
    s->stays = true;
    return s;
  }
  template <class T, Index... E> Value<T, E...> take(Tensor<T, E...>&& x, bool learns, Loc at) {
    require_room("input", at);
    const T* p = x.data(at);
    const auto shape = x.shape();
    const Tensor<T, E...> own = std::move(x);  // the name is dead: what is assigned to it later has storage of its own
    keep(own.storage());
    return {p, shape, stamp(), learns ? new_slot() : nullptr};
  }
  template <class T, Index... E> Value<T, E...> lend_view(const View<T, E...>& x, bool learns, Loc at) {
    require_room("input", at);
    const T* p = x.data(at);
    if (x.is_contiguous()) {
      if (x.stamp().cell->bytes != nullptr &&
          may_lend(*x.stamp().cell)) {  // else a frame's value, or memory borrowed without an owner
        lend(memory::Storage::share(x.stamp()));
        return {p, x.shape(), stamp(), learns ? new_slot() : nullptr};
      }
    }
    auto v = make<T>(
        x.shape(),
        [&](T* to) {
          auto piece = x.as_piece(at);
          evaluation::forward(std::type_identity<leaf>{}, piece.operands, piece.shape,
                              evaluation::Target<T, Shape<E...>>{to, row_major(x.shape()), true});
        },
        at);
    return {v.data(at), x.shape(), stamp(), learns ? new_slot() : nullptr};
  }
};

}  // namespace tenon::inline TENON_ABI::autodiff
