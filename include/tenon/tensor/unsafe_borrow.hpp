// Memory that is not tenon's, lent as views without a copy.
#pragma once

#include "tenon/shape/extents.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI {

/// Somebody else's elements, lent to tenon as long as this object lives: its views are stamped, so they are refused
/// after it has ended, while a MutView is open, and on another thread. What it cannot see is on you: the memory must
/// outlive this object, nobody may resize, free or write it meanwhile, and no second BorrowedMemory may overlap one
/// that is written. T is const for memory that may only be read. Move-only; a Step or Scope copies it on input().
template <class T, Index... E> class BorrowedMemory {
 public:
  using dtype = std::remove_const_t<T>;
  using shape_type = Shape<E...>;
  using tenon_operand = void;
  using tenon_lender = void;
  static_assert(
      element<dtype>,
      "tenon::BorrowedMemory: the element type is float, double, int32, int64, uint8, bool, bfloat16 or float16");

  /// Strides in elements; without them row-major. Throws ShapeError when the size overflows, ValueError
  /// for null and for an address where no T may lie.
  BorrowedMemory(T* data, const shape_type& shape, const Strides<sizeof...(E)>& strides, Loc at = Loc::current())
      : data_(data), storage_(0, at), shape_(shape), strides_(strides) {
    if (checked_size(shape.extents(), sizeof(T), at) > 0 && data == nullptr)
      throw ValueError(at, "tenon::unsafe_borrow: a null pointer for elements of shape " + to_string(shape),
                       "give the address of the first element");
    if (reinterpret_cast<std::uintptr_t>(data) % alignof(T) != 0)
      throw ValueError(at,
                       "tenon::unsafe_borrow: the pointer is no multiple of " + std::to_string(alignof(T)) +
                           ", where a " + std::string(ElementTraits<dtype>::name) + " may lie",
                       "copy the bytes into a Tensor");
  }
  BorrowedMemory(T* data, const shape_type& shape, Loc at = Loc::current())
      : BorrowedMemory(data, shape, row_major(shape), at) {}
  BorrowedMemory(BorrowedMemory&&) noexcept = default;
  BorrowedMemory& operator=(BorrowedMemory&&) = delete;

  static constexpr int rank() { return shape_type::rank; }
  const shape_type& shape() const { return shape_; }
  Index size() const { return shape_.size(); }
  View<dtype, E...> view(Loc at = Loc::current()) const& TENON_LIFETIMEBOUND {
    memory::check(storage_.stamp(), "view", at);
    return {data_, shape_, strides_, storage_.stamp()};
  }
  View<dtype, E...> view(Loc at = Loc::current()) const&& = delete;  // it would be stale at once
  /// Opens the exclusive borrow. Throws OwnershipError when one is open.
  MutView<dtype, E...> mut(Loc at = Loc::current()) & TENON_LIFETIMEBOUND requires(!std::is_const_v<T>) {
    memory::ExclusiveBorrow b(storage_.stamp(), "mut", at);
    return {data_, shape_, strides_, std::move(b)};
  }
  MutView<dtype, E...> mut(Loc at = Loc::current()) && = delete;
  /// An element, or a part as a View.
  template <slice_item... Items> auto operator()(Items... items) const& { return view(Loc{}).at(Loc{}, items...); }

  memory::Stamp stamp() const { return storage_.stamp(); }
  auto as_piece(Loc at) const& { return view(at).as_piece(at); }
  auto as_piece(Loc at) && = delete;  // it would end before the expression

 private:
  T* data_;
  memory::Storage storage_;  // no bytes: a cell
  [[no_unique_address]] shape_type shape_;
  Strides<sizeof...(E)> strides_;
};

namespace detail {
template <class T, Index... E> BorrowedMemory<T, E...> lend(T* data, const Shape<E...>& shape, Loc at) {
  return {data, shape, at};
}
template <class V>
concept lends_elements = requires(V& v) {
  v.data();
  { v.size() } -> std::convertible_to<std::size_t>;
}
&&!tensor_like<V>;
template <Index... E, class V, std::size_t R> auto lend_all(V& v, const std::array<Index, R>& extent, Loc at) {
  const auto size = static_cast<Index>(v.size());
  if constexpr (R == 0 && sizeof...(E) == 0) return lend(v.data(), Shape<dyn>(size), at);
  else if constexpr (R == 0)
    return lend(v.data(), Shape<E...>(inferred_extents(Shape<E...>::pattern, size, "unsafe_borrow", at), at), at);
  else return lend(v.data(), named_shape<E...>(inferred_extents(extent, size, "unsafe_borrow", at), at), at);
}
}  // namespace detail

/// `auto lent = unsafe_borrow(pointer, {n, 3});` then lent.view(), lent.mut(), or lent itself in expressions: elements
/// at pointer, row-major, as long as `lent` lives. What the library cannot check stands at BorrowedMemory.
template <Index... E, class T, std::integral... I> auto unsafe_borrow(T* data, I... extent) {
  return detail::lend(data, shape_from<E...>(Loc{}, extent...), Loc{});
}
template <Index... E, class T, std::size_t R>
auto unsafe_borrow(T* data, const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::lend(data, shape_from<E...>(at, extent), at);
}
/// The elements of a std::vector, std::array or std::span, all of them; one extent may be -1. A container given as a
/// temporary does not compile: it would be gone. Throws ShapeError when the container has another number of elements.
template <Index... E, detail::lends_elements V, std::integral... I>
auto unsafe_borrow(V& container TENON_LIFETIMEBOUND, I... extent) {
  return detail::lend_all<E...>(container, std::array<Index, sizeof...(I)>{static_cast<Index>(extent)...}, Loc{});
}
template <Index... E, detail::lends_elements V, std::size_t R>
auto unsafe_borrow(V& container TENON_LIFETIMEBOUND, const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::lend_all<E...>(container, detail::extents_of(extent), at);
}
template <Index... E, detail::lends_elements V, class... A>
auto unsafe_borrow(const V&& container, A... extent) = delete;
template <Index... E, detail::lends_elements V, std::size_t R>
auto unsafe_borrow(const V&& container, const Extent (&extent)[R]) = delete;

}  // namespace tenon::inline TENON_ABI
