// Borrowing: View to read, MutView to write. Both die with the storage; at most one MutView of a storage is open.
#pragma once

#include <vector>

#include "tenon/memory/arena.hpp"
#include "tenon/shape/slice.hpp"
#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

template <class T, Index... E> class Tensor;

/// A shared borrow: reads elements of somebody else's storage, through strides. Cheap to copy; an error once the storage
/// is gone, while a MutView of it is open, or on another thread.
template <class T, Index... E> class View {
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
  template <slice_item... Items> auto operator()(Items... items) const { return at(Loc{}, items...); }
  template <class... Items> auto at(Loc where, Items... items) const {
    memory::check(stamp_, "View", where);
    const auto s = slice(shape_, strides_, where, items...);
    using R = std::remove_cvref_t<decltype(s.shape)>;
    if constexpr (R::rank == 0 && sizeof...(Items) == sizeof...(E)) return data_[s.offset];
    else return make(s.shape, s.strides, data_ + s.offset, stamp_);
  }
  /// The element of a view that has one.
  T item(Loc where = Loc::current()) const {
    memory::check(stamp_, "item", where);
    if (size() != 1)
      throw ShapeError(where, "tenon::item: the view has shape " + to_string(shape_) + ", not one element",
                       "name an element by position, or reduce first, for example by sum");
    return *data_;
  }
  /// First element; checked now, not later: a raw pointer.
  const T* data(Loc where = Loc::current()) const {
    memory::check(stamp_, "data", where);
    return data_;
  }
  /// The elements in row-major order, where they lie without gaps. Throws ShapeError where they do not.
  const T* begin() const {
    if (!is_contiguous())
      throw ShapeError(
          Loc{}, "tenon::View: the elements of this part, of shape " + to_string(shape_) + ", do not lie side by side",
          "iterate over its clone(), or its to_vector()");
    return data(Loc{});
  }
  const T* end() const { return begin() + size(); }
  /// The elements in row-major order, however they lie.
  std::vector<T> to_vector() const;
  memory::Stamp stamp() const { return stamp_; }
  /// A copy of its own.
  Tensor<T, E...> clone(Loc where = Loc::current()) const;

  auto as_piece(Loc) const {
    return build::leaf_piece<T, shape_type>(BorrowedView<T, shape_type>(data_, shape_, strides_, stamp_), shape_);
  }

  template <Index... F>
  static View<T, F...> make(const Shape<F...>& s, const Strides<sizeof...(F)>& strides, const T* p,
                            memory::Stamp stamp) {
    return {p, s, strides, stamp};
  }

 private:
  const T* data_;
  memory::Stamp stamp_;
  [[no_unique_address]] shape_type shape_;
  Strides<sizeof...(E)> strides_;
};

namespace memory {
/// The exclusive borrow of a storage, open while its owner lives; after split() several own it. Parts, which do not own
/// it, are told from those of a later borrow.
class ExclusiveBorrow {
 public:
  ExclusiveBorrow(Stamp s, std::string_view op, Loc at) : stamp_(word_by_word(s)), owns_(true) {
    if constexpr (checks > 0) {
      require_writable(s, op, at);
      s.cell->note_borrow(at);
    }
    if (is_shared(*s.cell)) [[unlikely]]
      SharedBytes::of_shared(*s.cell).begin_write(*s.cell);
    word_ = borrow_word(*s.cell);
    s.cell->state.store(this_thread_id | word_, std::memory_order_relaxed);
    s.cell->writers = 1;
  }
  ExclusiveBorrow(ExclusiveBorrow&& o) noexcept
      : stamp_(word_by_word(o.stamp_)), word_(single_word(o.word_)), owns_(std::exchange(o.owns_, false)) {
    o.stamp_ = {};
  }
  ExclusiveBorrow& operator=(ExclusiveBorrow&&) = delete;
  ~ExclusiveBorrow() {
    if (!owns_ || !stamp_.alive() || --stamp_.cell->writers != 0) return;
    stamp_.cell->grow_version();  // whatever was written through it
    stamp_.cell->state.store(this_thread_id, std::memory_order_relaxed);
    if (is_shared(*stamp_.cell)) [[unlikely]]
      SharedBytes::of_shared(*stamp_.cell).end_write();
  }
  /// Throws unless nobody writes the storage, nor does an open frame hold it: it may go, whoever else shares its bytes.
  static void require_free(Stamp s, std::string_view op, Loc at) {
    memory::check(s, op, at);
    if (s.cell->holder != nullptr) refuse_lent(s, op, at);
  }
  /// Throws unless it may be written, too.
  static void require_writable(Stamp s, std::string_view op, Loc at) {
    require_free(s, op, at);
    if (is_shared(*s.cell)) [[unlikely]]
      SharedBytes::of_shared(*s.cell).check_write(*s.cell, op, at);
  }
  /// A second owner, for a disjoint part.
  ExclusiveBorrow share() const {
    ExclusiveBorrow b = part();
    b.owns_ = owns_;
    if (owns_) ++stamp_.cell->writers;
    return b;
  }
  /// The right to write as long as the owner lives.
  ExclusiveBorrow part() const { return ExclusiveBorrow(stamp_, word_); }

  const Stamp& stamp() const { return stamp_; }
  /// What the state of the storage is while this may write to it, without the thread.
  std::uint64_t word() const { return word_; }
  TENON_ALWAYS_INLINE void check(std::string_view op, Loc at) const { memory::check(stamp_, op, at, word_); }
  /// check, before a write: expressions that read the storage and wait to be evaluated are out of date.
  TENON_ALWAYS_INLINE void write(std::string_view op, Loc at) const {
    check(op, at);
    stamp_.cell->grow_version();
  }

 private:
  ExclusiveBorrow(Stamp s, std::uint64_t word) : stamp_(s), word_(word) {}
  [[noreturn]] TENON_COLD static void refuse_lent(Stamp s, std::string_view op, Loc at) {
    throw OwnershipError(at,
                         "tenon::" + std::string(op) + ": an open Step or Scope" + opened(*s.cell) +
                             " learns or reads this storage, so it cannot be written",
                         "call std::move(step).backward(loss) first, or end the frame; clone() to change a copy");
  }
  Stamp stamp_;
  std::uint64_t word_ = 0;
  bool owns_ = false;
};
}  // namespace memory

/// An exclusive borrow: the only door through which elements change. Ends with its scope. Assigning an expression to it
/// is right whatever the expression reads, this storage included.
template <class T, Index... E> class MutView {
 public:
  using dtype = T;
  using shape_type = Shape<E...>;

  MutView(T* data, const shape_type& shape, const Strides<sizeof...(E)>& strides, memory::ExclusiveBorrow borrow)
      : data_(data), shape_(shape), strides_(strides), borrow_(std::move(borrow)) {}
  MutView(MutView&&) noexcept = default;

  static constexpr int rank() { return shape_type::rank; }
  const shape_type& shape() const { return shape_; }
  const Strides<sizeof...(E)>& strides() const { return strides_; }
  Index size() const { return shape_.size(); }
  memory::Stamp stamp() const { return borrow_.stamp(); }

  /// An element, as a reference good until the borrow ends, or a part to assign to.
  template <slice_item... Items> decltype(auto) operator()(Items... items) & {
    return part([this] { return borrow_.part(); }, items...);
  }
  template <slice_item... Items> decltype(auto) operator()(Items... items) && {
    return part([this] { return std::move(borrow_); }, items...);
  }
  /// Rows [0, k) and [k, n) along an axis, writable at the same time. Throws ShapeError when k is not in [0, n].
  auto split(int axis, Index k, Loc at = Loc::current()) && {
    borrow_.check("split", at);
    const Index n = axis >= 0 && axis < rank() ? shape_[axis] : -1;
    if (k < 0 || k > n)
      throw ShapeError(at,
                       "tenon::split: cannot cut shape " + to_string(shape_) + " at " + std::to_string(k) +
                           " along axis " + std::to_string(axis),
                       "name an axis from 0 on, and a place between 0 and its extent");
    const auto u = static_cast<std::size_t>(axis);
    auto low = shape_.extents(), high = shape_.extents();
    low[u] = k;
    high[u] = n - k;
    using Half = MutView<T, (static_cast<void>(E), dyn)...>;
    using HalfShape = typename Half::shape_type;
    auto second = borrow_.share();
    return std::pair<Half, Half>(
        Half(data_, HalfShape(low), strides_, std::move(borrow_)),
        Half(data_ == nullptr ? data_ : data_ + k * strides_[u], HalfShape(high), strides_, std::move(second)));
  }
  /// Every element becomes `value`.
  void fill(T value, Loc at = Loc::current()) {
    assign(build::leaf_piece<T, Shape<>>(Literal<T>(value), Shape<>{}), at);
  }

  template <tensor_like X> MutView& operator=(X&& x) {
    assign(build::formula_of(std::forward<X>(x), Loc{}), Loc{});
    return *this;
  }
  MutView& operator=(const MutView&) = delete;
  template <number A> MutView& operator=(A value) {
    fill(build::number_as<T>(value, Loc{}), Loc{});
    return *this;
  }
  template <operand X> MutView& operator+=(X&& x) { return *this = as_view() + std::forward<X>(x); }
  template <operand X> MutView& operator-=(X&& x) { return *this = as_view() - std::forward<X>(x); }
  template <operand X> MutView& operator*=(X&& x) { return *this = as_view() * std::forward<X>(x); }
  template <operand X> MutView& operator/=(X&& x) { return *this = as_view() / std::forward<X>(x); }
  /// First element, good until the borrow ends.
  T* data(Loc at = Loc::current()) {
    borrow_.write("data", at);
    return data_;
  }

  /// Evaluates p into this borrow: in place when no operand overlaps it (or only element on element), else through a
  /// temporary.
  template <class U, class S, class G, class P> void assign(Piece<U, S, G, P>&& p, Loc at);

 private:
  View<T, E...> as_view() const { return {data_, shape_, strides_, stamp()}; }
  template <class Borrow, class... Items> decltype(auto) part(Borrow borrow, Items... items) {
    borrow_.check("MutView", Loc{});
    const auto s = slice(shape_, strides_, Loc{}, items...);
    using R = std::remove_cvref_t<decltype(s.shape)>;
    if constexpr (R::rank == 0 && sizeof...(Items) == sizeof...(E)) {
      borrow_.write("MutView", Loc{});
      return static_cast<T&>(data_[s.offset]);
    } else {
      return make(s.shape, s.strides, data_ + s.offset, borrow());
    }
  }
  template <Index... F>
  MutView<T, F...> make(const Shape<F...>& s, const Strides<sizeof...(F)>& strides, T* p,
                        memory::ExclusiveBorrow borrow) {
    return {p, s, strides, std::move(borrow)};
  }

  T* data_;
  [[no_unique_address]] shape_type shape_;
  Strides<sizeof...(E)> strides_;
  memory::ExclusiveBorrow borrow_;
};

}  // namespace tenon::inline TENON_ABI
