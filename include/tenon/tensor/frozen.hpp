// Frozen: elements that several threads read and nobody writes.
#pragma once

#include <optional>

#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI {

/// Immutable elements, counted atomically: the one thing that threads share. Copying copies no elements. Each Frozen
/// belongs to the thread that made it, as a Tensor does, so what reads it (an op, a view, a step) is checked as ever;
/// another thread makes a copy of its own, by spawn(f, frozen) or, on a thread of one's own making, by `auto mine = it`,
/// which may be done from any thread while `it` lives and is neither assigned to, moved from nor thawed. Views end with the Frozen they are of.
template <class T, Index... E> class Frozen {
 public:
  using dtype = T;
  using shape_type = Shape<E...>;
  using tenon_operand = void;

  /// Takes over the elements of `t`, no copy is made; its views live on. Throws OwnershipError while a MutView of it is
  /// open, std::bad_alloc; `t` is as before then.
  explicit Frozen(Tensor<T, E...>&& t, Loc at = Loc::current()) : shape_(t.shape()) {
    memory::check(t.stamp(), "freeze", at);
    if constexpr (checks > 0)
      if (t.cell().holder != nullptr && t.cell().traits.learns)
        throw OwnershipError(at, "tenon::freeze: an open Step" + memory::opened(t.cell()) + " changes this tensor",
                             "end the Step first, or freeze(t.clone())");
    memory::SharedBytes::of(t.cell());
    t.for_each_storage([&](memory::Storage& s) { storage_ = std::move(s); });
  }
  /// One more Frozen of the same elements, for the calling thread. Throws std::bad_alloc; OwnershipError of a moved-from.
  Frozen(const Frozen& o, Loc at = Loc::current()) : shape_(o.shape_) {
    if constexpr (checks > 0)
      if (!o.storage_) memory::check(o.stamp(), "Frozen", at);
    storage_ = memory::Storage::another_handle(o.storage_, at);
  }
  Frozen(Frozen&&) noexcept = default;
  Frozen& operator=(Frozen o) noexcept {
    storage_ = std::move(o.storage_);
    shape_ = o.shape_;
    return *this;
  }

  static constexpr int rank() { return shape_type::rank; }
  const shape_type& shape() const { return shape_; }
  Index size() const { return shape_.size(); }

  View<T, E...> view(Loc at = Loc::current()) const& TENON_LIFETIMEBOUND {
    memory::check(storage_.stamp(), "Frozen", at);
    return {raw(), shape_, row_major(shape_), storage_.stamp()};
  }
  View<T, E...> view(Loc at = Loc::current()) const&& = delete;  // it would be stale at once
  /// An element, or a part as a View.
  template <slice_item... Items>
  requires(Tensor<T, E...>::template names_element<Items...>) T operator()(Items... items) const {
    return view(Loc{}).at(Loc{}, items...);
  }
  template <slice_item... Items>
  requires(!Tensor<T, E...>::template names_element<Items...>) auto operator()(
      Items... items) const& TENON_LIFETIMEBOUND {
    return view(Loc{}).at(Loc{}, items...);
  }
  template <slice_item... Items>
  requires(!Tensor<T, E...>::template names_element<Items...>) auto operator()(Items... items) const&& = delete;
  /// The element of one that has one.
  T item(Loc at = Loc::current()) const { return view(at).item(at); }
  const T* data(Loc at = Loc::current()) const& TENON_LIFETIMEBOUND { return view(at).data(at); }
  const T* begin() const& { return data(Loc{}); }
  const T* end() const& { return data(Loc{}) + size(); }
  std::vector<T> to_vector() const { return std::vector<T>(begin(), end()); }
  /// A copy of the elements that may be written.
  Tensor<T, E...> clone(Loc at = Loc::current()) const { return view(at).clone(at); }

  /// The elements as a Tensor again, without a copy, when this is the last Frozen of them; it is empty then. Else nothing
  /// happens. Throws OwnershipError on another thread than its own.
  std::optional<Tensor<T, E...>> try_thaw(Loc at = Loc::current()) {
    memory::check(storage_.stamp(), "thaw", at);
    auto& shared = memory::SharedBytes::of_shared(storage_.cell());
    if (!shared.last()) return std::nullopt;
    shared.thaw(storage_.cell());
    return Tensor<T, E...>(std::move(storage_), shape_);
  }
  /// try_thaw() that throws OwnershipError when others still read.
  Tensor<T, E...> thaw(Loc at = Loc::current()) {
    auto t = try_thaw(at);
    if (!t)
      throw OwnershipError(at, "tenon::thaw: other copies of this Frozen still read its elements",
                           "end them first (get() of the threads that have one), or clone() to change a copy");
    return std::move(*t);
  }

  memory::Stamp stamp() const { return storage_.stamp(); }
  auto as_piece(Loc at) const& {
    if constexpr (checks > 0)
      if (!storage_) memory::check(storage_.stamp(), "expression", at);
    return build::leaf_piece<T, shape_type>(Borrowed<T, shape_type>(raw(), shape_, storage_.stamp()), shape_);
  }
  auto as_piece(Loc at) && {
    memory::check(storage_.stamp(), "expression", at);
    return build::leaf_piece<T, shape_type>(Held<T, shape_type>(std::move(storage_), shape_), shape_);
  }
  void for_each_storage(auto&& visit) { visit(storage_); }

 private:
  const T* raw() const { return static_cast<const T*>(storage_.bytes()); }
  memory::Storage storage_;
  [[no_unique_address]] shape_type shape_;
};

/// `auto images = tn::freeze(std::move(tensor));`
template <class T, Index... E> Frozen<T, E...> freeze(Tensor<T, E...>&& t, Loc at = Loc::current()) {
  return Frozen<T, E...>(std::move(t), at);
}
template <class T, Index... E> void freeze(const Tensor<T, E...>&) {
  static_assert(sizeof(T) == 0,
                "tenon::freeze takes the tensor over: write freeze(std::move(t)), or freeze(t.clone())");
}

}  // namespace tenon::inline TENON_ABI
