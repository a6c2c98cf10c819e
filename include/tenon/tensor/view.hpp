// Borrowing: View to read, MutView to write. Both die with the storage; at most one MutView of a storage is open.
#pragma once

#include "tenon/shape/slice.hpp"
#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

template <class T, Index... E>
class Tensor;

/// A shared borrow: reads elements of somebody else's storage, through strides. Cheap to copy; an error once the storage
/// is gone, while a MutView of it is open, or on another thread.
template <class T, Index... E>
class View {
 public:
  using dtype = T;
  using shape_type = Shape<E...>;
  using tenon_operand = void;

  View(const T* data, const shape_type& shape, const Strides<sizeof...(E)>& strides, memory::Stamp stamp)
      : data_(data), stamp_(stamp), shape_(shape), strides_(strides) {}

  static constexpr int rank() { return shape_type::rank; }
  const shape_type& shape() const { return shape_; }
  const Strides<sizeof...(E)>& strides() const { return strides_; }
  Index size() const { return shape_.size(); }
  bool is_contiguous() const { return is_row_major(shape_, strides_); }

  /// An element (as many positions as dimensions), or a part as a View: positions, ranges, all, newaxis, ellipsis.
  template <slice_item... Items>
  auto operator()(Items... items) const {
    return at(Loc{}, items...);
  }
  template <class... Items>
  auto at(Loc where, Items... items) const {
    memory::check(stamp_, "View", where);
    const auto s = slice(shape_, strides_, where, items...);
    using R = std::remove_cvref_t<decltype(s.shape)>;
    if constexpr (R::rank == 0 && sizeof...(Items) == sizeof...(E))
      return data_[s.offset];
    else
      return make(s.shape, s.strides, data_ + s.offset, stamp_);
  }
  /// The element of a view that has one.
  T item(Loc where = Loc::current()) const {
    memory::check(stamp_, "item", where);
    if (size() != 1) throw ShapeError(where, "tenon::item: the view has shape " + to_string(shape_) + ", not one element");
    return *data_;
  }
  /// First element; checked now, not later: a raw pointer.
  const T* data(Loc where = Loc::current()) const {
    memory::check(stamp_, "data", where);
    return data_;
  }
  memory::Stamp stamp() const { return stamp_; }
  /// A copy of its own.
  Tensor<T, E...> clone(Loc where = Loc::current()) const;

  auto as_piece(Loc) const { return build::leaf_piece<T, shape_type>(BorrowedView<T, shape_type>(data_, shape_, strides_, stamp_), shape_); }

  template <Index... F>
  static View<T, F...> make(const Shape<F...>& s, const Strides<sizeof...(F)>& strides, const T* p, memory::Stamp stamp) {
    return {p, s, strides, stamp};
  }

 private:
  const T* data_;
  memory::Stamp stamp_;
  [[no_unique_address]] shape_type shape_;
  Strides<sizeof...(E)> strides_;
};

namespace memory {
/// The exclusive bit of a cell, set while this lives. After split() several share it.
class ExclusiveBorrow {
 public:
  ExclusiveBorrow() = default;
  ExclusiveBorrow(Stamp s, std::string_view op, Loc at) : stamp_(s) {
    if constexpr (checks > 0) {
      check(s, op, at);
      if (s.cell->holder != nullptr)
        throw OwnershipError(at, "tenon::" + std::string(op) + ": an open Step or Scope learns or reads this storage, so it cannot be written",
                             "call std::move(step).backward(loss) first, or end the frame; clone() to change a copy");
    }
    s.cell->state.store(this_thread_id | exclusive_bit, std::memory_order_relaxed);
    s.cell->writers = 1;
    ++s.cell->version;
  }
  ExclusiveBorrow(ExclusiveBorrow&& o) noexcept : stamp_(std::exchange(o.stamp_, {})) {}
  ExclusiveBorrow& operator=(ExclusiveBorrow&&) = delete;
  ~ExclusiveBorrow() {
    if (stamp_.generation != 0 && stamp_.alive() && --stamp_.cell->writers == 0)
      stamp_.cell->state.store(this_thread_id, std::memory_order_relaxed);
  }
  /// A second holder of the same borrow, for a disjoint part.
  ExclusiveBorrow share() const {
    ExclusiveBorrow b;
    b.stamp_ = stamp_;
    if (stamp_.generation != 0) ++stamp_.cell->writers;
    return b;
  }
  explicit operator bool() const { return stamp_.generation != 0; }

 private:
  Stamp stamp_{&dead_cell, 0};
};
}  // namespace memory

/// An exclusive borrow: the only door through which elements change. Ends with its scope. Assigning an expression to it
/// is right whatever the expression reads, this storage included.
template <class T, Index... E>
class MutView {
 public:
  using dtype = T;
  using shape_type = Shape<E...>;

  MutView(T* data, const shape_type& shape, const Strides<sizeof...(E)>& strides, memory::Stamp stamp, memory::ExclusiveBorrow borrow)
      : data_(data), stamp_(stamp), shape_(shape), strides_(strides), borrow_(std::move(borrow)) {}
  MutView(MutView&&) noexcept = default;

  static constexpr int rank() { return shape_type::rank; }
  const shape_type& shape() const { return shape_; }
  const Strides<sizeof...(E)>& strides() const { return strides_; }
  Index size() const { return shape_.size(); }
  memory::Stamp stamp() const { return stamp_; }

  /// An element, as a reference good until the borrow ends, or a part to assign to.
  template <slice_item... Items>
  decltype(auto) operator()(Items... items) & {
    return part(memory::ExclusiveBorrow{}, items...);
  }
  template <slice_item... Items>
  decltype(auto) operator()(Items... items) && {
    return part(std::move(borrow_), items...);
  }
  /// Rows [0, k) and [k, n) along an axis, writable at the same time. Throws ShapeError when k is not in [0, n].
  auto split(int axis, Index k, Loc at = Loc::current()) && {
    memory::check(stamp_, "split", at, memory::exclusive_bit);
    const Index n = axis >= 0 && axis < rank() ? shape_[axis] : -1;
    if (k < 0 || k > n)
      throw ShapeError(at, "tenon::split: cannot cut shape " + to_string(shape_) + " at " + std::to_string(k) + " along axis " + std::to_string(axis));
    const auto u = static_cast<std::size_t>(axis);
    auto low = shape_.extents(), high = shape_.extents();
    low[u] = k;
    high[u] = n - k;
    using Half = MutView<T, (static_cast<void>(E), dyn)...>;
    using HalfShape = typename Half::shape_type;
    auto second = borrow_.share();
    return std::pair<Half, Half>(Half(data_, HalfShape(low), strides_, stamp_, std::move(borrow_)),
                                 Half(data_ + k * strides_[u], HalfShape(high), strides_, stamp_, std::move(second)));
  }
  /// Every element becomes `value`.
  void fill(T value, Loc at = Loc::current()) {
    assign(build::leaf_piece<T, Shape<>>(Literal<T>(value), Shape<>{}), at);
  }

  template <tensor_like X>
  MutView& operator=(X&& x) {
    assign(build::formula_of(std::forward<X>(x), Loc{}), Loc{});
    return *this;
  }
  MutView& operator=(const MutView&) = delete;
  template <number A>
  MutView& operator=(A value) {
    fill(static_cast<T>(value), Loc{});
    return *this;
  }
  template <operand X>
  MutView& operator+=(X&& x) {
    return *this = as_view() + std::forward<X>(x);
  }
  template <operand X>
  MutView& operator-=(X&& x) {
    return *this = as_view() - std::forward<X>(x);
  }
  template <operand X>
  MutView& operator*=(X&& x) {
    return *this = as_view() * std::forward<X>(x);
  }
  template <operand X>
  MutView& operator/=(X&& x) {
    return *this = as_view() / std::forward<X>(x);
  }
  /// First element, good until the borrow ends.
  T* data(Loc at = Loc::current()) {
    memory::check(stamp_, "data", at, memory::exclusive_bit);
    return data_;
  }

  /// Evaluates p into this borrow: in place when no operand overlaps it (or only element on element), else through a
  /// temporary.
  template <class U, class S, class G, class P>
  void assign(Piece<U, S, G, P> p, Loc at);

 private:
  View<T, E...> as_view() const { return {data_, shape_, strides_, stamp_}; }
  template <class... Items>
  decltype(auto) part(memory::ExclusiveBorrow borrow, Items... items) {
    memory::check(stamp_, "MutView", Loc{}, memory::exclusive_bit);
    const auto s = slice(shape_, strides_, Loc{}, items...);
    using R = std::remove_cvref_t<decltype(s.shape)>;
    if constexpr (R::rank == 0 && sizeof...(Items) == sizeof...(E))
      return static_cast<T&>(data_[s.offset]);
    else
      return make(s.shape, s.strides, data_ + s.offset, std::move(borrow));
  }
  template <Index... F>
  MutView<T, F...> make(const Shape<F...>& s, const Strides<sizeof...(F)>& strides, T* p, memory::ExclusiveBorrow borrow) {
    return {p, s, strides, stamp_, std::move(borrow)};
  }

  T* data_;
  memory::Stamp stamp_;
  [[no_unique_address]] shape_type shape_;
  Strides<sizeof...(E)> strides_;
  memory::ExclusiveBorrow borrow_;
};

}  // namespace tenon::inline TENON_ABI
