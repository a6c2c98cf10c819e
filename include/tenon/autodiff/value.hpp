// Value: a result inside a frame, of one type whatever made it.
#pragma once

#include "tenon/autodiff/frame_context.hpp"

namespace tenon::inline TENON_ABI {

/// A handle to a value in a Step's or Scope's arena: cheap to copy, write-once (what backward saved cannot change), an
/// error once the frame has ended. `h = f(h)` makes a new value and rebinds the name, so loops of run-time length work.
/// `Value h = expr;` evaluates the expression in the frame of its operands.
template <class T, Index... E> class Value {
 public:
  using dtype = T;
  using shape_type = Shape<E...>;
  using tenon_operand = void;

  Value(const T* data, const shape_type& shape, memory::Stamp stamp, autodiff::Slot* slot)
      : data_(data), stamp_(stamp), slot_(slot), shape_(shape) {}
  template <class U, class S, class G, class P>
  TENON_ALWAYS_INLINE Value(Expr<U, S, G, P>&& e, Loc at = Loc::current())
      : Value(e.has_result() ? from(e.evaluated(at), at) : fresh(std::move(e).evaluate_once(at), at)) {}
  template <class U, class S, class G, class P>
  Value(const Expr<U, S, G, P>& e, Loc at = Loc::current()) : Value(from(e.evaluated(at), at)) {}

  static constexpr int rank() { return shape_type::rank; }
  const shape_type& shape() const { return shape_; }
  Index size() const { return shape_.size(); }

  /// An element, by position, as a number: refused for what a Step records. Anything else gives a part as an expression.
  template <slice_item... Items> auto operator()(Items... items) const {
    if constexpr (sizeof...(Items) == sizeof...(E) && (std::is_integral_v<Items> && ...)) {
      const auto v = view(Loc{});
      if (slot_ != nullptr && autodiff::is_recording(*stamp_.cell)) [[unlikely]]
        autodiff::refuse_number(Loc{});
      return v.at(Loc{}, items...);
    } else {
      return slice_value(*this, items...);  // op/slice.hpp, found by ADL
    }
  }
  /// The element of a value that has one.
  T item(Loc at = Loc::current()) const { return view(at).item(at); }
  /// Reads the elements; nothing recorded through it.
  View<T, E...> view(Loc at = Loc::current()) const {
    memory::check(stamp_, "Value", at);
    return {data_, shape_, row_major(shape_), stamp_};
  }
  const T* data(Loc at = Loc::current()) const { return view(at).data(at); }
  const T* begin() const { return data(Loc{}); }
  const T* end() const { return data(Loc{}) + size(); }
  std::vector<T> to_vector() const { return std::vector<T>(begin(), end()); }
  /// A Tensor of its own, outside the frame; no gradient flows through it.
  Tensor<T, E...> clone(Loc at = Loc::current()) const { return view(at).clone(at); }
  /// The same value as a constant: no gradient flows back through it.
  Value detach() const { return {data_, shape_, stamp_, nullptr}; }
  explicit operator T() const requires(sizeof...(E) == 0) { return item(); }

  memory::Stamp stamp() const { return stamp_; }
  autodiff::Slot* slot() const { return slot_; }
  auto as_piece(Loc) const {  // checked when the loop starts; until then only its cell is looked at
    return build::leaf_piece<T, shape_type>(Tracked<T, shape_type>(data_, shape_, stamp_, slot_), shape_);
  }

 private:
  template <class R> [[gnu::noinline]] static Value from(const R& r, Loc at) {
    r.check("Value", at);
    if constexpr (R::dense) return fresh(r, at);
    else return fresh(build::dense_leaf(r, at), at);
  }
  template <class R> TENON_ALWAYS_INLINE static Value fresh(const R& r, Loc at) {
    static_assert(std::is_same_v<typename R::dtype, T>,
                  "tenon::Value: the expression has another dtype; write cast<T>(e)");
    static_assert(
        requires { r.frame(); },
        "tenon::Value: nothing in this expression belongs to a frame; use Tensor, or begin with step.input(x)");
    bool outside = false;
    if constexpr (requires { r.storage(); }) outside = static_cast<bool>(r.storage());
    else outside = r.frame() == nullptr;
    if (outside) [[unlikely]]
      throw OwnershipError(at, "tenon::Value: the expression was evaluated outside any frame",
                           "begin it with step.input(x) or scope.input(x), or use Tensor");
    return {r.data(), shape_cast<shape_type>(r.shape(), "tenon::Value", at), r.stamp(), r.slot()};
  }

  const T* data_;
  memory::Stamp stamp_;
  autodiff::Slot* slot_;
  [[no_unique_address]] shape_type shape_;
};
template <class T, Index... E, class G, class P> Value(Expr<T, Shape<E...>, G, P>) -> Value<T, E...>;
template <class T, Index... E, class G, class P> Value(Expr<T, Shape<E...>, G, P>, Loc) -> Value<T, E...>;

}  // namespace tenon::inline TENON_ABI
