// Parameter: a tensor that is trained, and its gradient.
#pragma once

#include "tenon/autodiff/frame_context.hpp"

namespace tenon::inline TENON_ABI {

namespace autodiff {

/// A parameter without its extents: what steps and optimisers work on, so that their code is one for all shapes.
template <class T> class ParameterRef {
 public:
  using dtype = T;
  ParameterRef(const memory::Storage& value, const memory::Storage& gradient, ParameterSlot* slot, Index size)
      : value_(&value), gradient_(&gradient), slot_(slot), size_(size) {}

  Index size() const { return size_; }
  memory::Stamp stamp() const { return value_->stamp(); }
  ParameterSlot* slot() const { return slot_; }
  /// Whether a Step has hold of it.
  bool held() const { return stamp().cell->holder != nullptr; }
  bool has_gradient() const { return slot_ != nullptr && slot_->written; }
  /// The gradient's elements. Throws OwnershipError when it is empty, or being written.
  [[gnu::noinline]] const T* gradient(Loc at) const {
    if (!has_gradient())
      throw OwnershipError(at,
                           "tenon::Parameter::gradient: empty: no backward since it was last used or cleared" +
                               memory::detail::born(*stamp().cell),
                           "call std::move(step).backward(loss) first");
    memory::check(gradient_->stamp(), "Parameter::gradient", at);
    compute_deferred(*slot_);
    return static_cast<const T*>(slot_->gradient);
  }
  memory::Stamp gradient_stamp() const { return gradient_->stamp(); }
  /// w += scale times the gradient, without computing it, when it has not been computed yet. It is used up then.
  bool add_deferred(T* w, double scale) const {
    if (!slot_->put_off) return false;
    if (scale != 0) slot_->deferred->add(*slot_->deferred, w, scale, Write::add);
    slot_->put_off = false;
    return true;
  }
  MutView<T, dyn> mut(Loc at) const {
    memory::ExclusiveBorrow b(stamp(), "mut", at);
    return {static_cast<T*>(value_->bytes()), Shape<dyn>(size_), {1}, std::move(b)};
  }
  [[gnu::noinline]] void refuse_held(std::string_view op, Loc at) const {
    memory::check(stamp(), op, at);
    if constexpr (checks > 0)
      if (held())
        throw OwnershipError(at,
                             "tenon::Parameter::" + std::string(op) + ": an open Step" + memory::opened(*stamp().cell) +
                                 " learns this parameter",
                             "call std::move(step).backward(loss) first, or end the step");
  }
  /// Why it cannot be written though no Step holds it: what a replica of it is, "" when it is one itself; else null.
  const char* why_not_writable() const {
    memory::Cell& c = *stamp().cell;
    return memory::is_shared(c) ? memory::SharedBytes::of_shared(c).why_not(c) : nullptr;
  }
  /// Whether `other` is a replica of this one.
  bool is_read_by(const ParameterRef& other) const {
    const memory::Cell &own = *stamp().cell, &its = *other.stamp().cell;
    return &own != &its && memory::is_shared(own) && memory::is_shared(its) && own.shared == its.shared;
  }
  void clear_gradient(Loc at) const {
    refuse_held("clear_gradient", at);
    slot_->written = slot_->put_off = false;
  }
  /// The Step takes hold, and keeps the memory that its nodes will point to. Pre: not held.
  [[gnu::noinline]] memory::Cell* hold(TapeFrame& step, Loc at) const {
    memory::check(stamp(), "Step", at);
    step.keep(*value_);
    step.keep(*gradient_);
    memory::Cell& c = value_->cell();
    c.holder = static_cast<memory::Frame*>(&step);
    c.traits.learns = 1;
    return &c;
  }

 private:
  const memory::Storage* value_;
  const memory::Storage* gradient_;
  ParameterSlot* slot_;
  Index size_;
};

}  // namespace autodiff

/// Owns a value and its gradient. Any expression that reads it while a Step learns it is recorded in that Step; with no
/// such Step it is plain data (frozen). Move-only; moving leaves views and gradient where they are.
///
/// The gradient is empty or full: backward stores into an empty one and adds to a full one; an optimiser's update uses it
/// and marks it empty.
template <class T, Index... E> class Parameter {
  static_assert(autodiff::has_adjoint<T>,
                "tenon::Parameter: learns in float or double; cast<float>(x) what is stored in 16 bits");

 public:
  using dtype = T;
  using shape_type = Shape<E...>;
  using tenon_operand = void;

  /// Zeros.
  Parameter() requires shape_type::is_static : Parameter(Tensor<T, E...>()) {}
  /// Learns from this value on. The gradient's memory is taken here, so that a step asks for none.
  Parameter(Tensor<T, E...> value, Loc at = Loc::current())
      : value_(std::move(value)), gradient_(gradient_offset + value_.size() * static_cast<Index>(sizeof(T)), at) {
    slot_ =
        new (gradient_.bytes()) autodiff::ParameterSlot{{static_cast<std::byte*>(gradient_.bytes()) + gradient_offset}};
  }
  Parameter(Parameter&& o) noexcept
      : value_(std::move(o.value_)), gradient_(std::move(o.gradient_)), slot_(std::exchange(o.slot_, nullptr)) {}
  /// Refused while a Step learns this one.
  Parameter& operator=(Parameter&& o) {
    if (this != &o) {
      value_ = std::move(o.value_);
      gradient_ = std::move(o.gradient_);
      slot_ = std::exchange(o.slot_, nullptr);
    }
    return *this;
  }

  static constexpr int rank() { return shape_type::rank; }
  const shape_type& shape() const { return value_.shape(); }
  Index size() const { return value_.size(); }
  const Tensor<T, E...>& value() const TENON_LIFETIMEBOUND { return value_; }
  View<T, E...> view(Loc at = Loc::current()) const& TENON_LIFETIMEBOUND { return value_.view(at); }
  /// Refused while a Step learns it.
  MutView<T, E...> mut(Loc at = Loc::current()) & TENON_LIFETIMEBOUND { return value_.mut(at); }
  /// An element, by position, as a number: refused while a Step learns it. Anything else gives a part as an expression,
  /// which a Step records.
  template <slice_item... Items> auto operator()(Items... items) const& {
    if constexpr (sizeof...(Items) == sizeof...(E) && (std::is_integral_v<Items> && ...)) {
      if (value_.stamp().cell->traits.learns && autodiff::is_recording(*value_.stamp().cell)) [[unlikely]]
        autodiff::refuse_number(Loc{});
      return value_(items...);
    } else {
      return slice_value(*this, items...);  // op/slice.hpp, found by ADL
    }
  }

  bool has_gradient() const { return slot_ != nullptr && slot_->written; }
  /// The gradient of the last backward passes. Throws OwnershipError when it is empty.
  View<T, E...> gradient(Loc at = Loc::current()) const& TENON_LIFETIMEBOUND {
    return {ref().gradient(at), shape(), row_major(shape()), gradient_.stamp()};
  }
  /// For rules that change gradients before an update (clipping). Refused while a Step learns it. Pre: has_gradient().
  MutView<T, E...> mut_gradient(Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    (void)ref().gradient(at);
    ref().refuse_held("mut_gradient", at);
    memory::ExclusiveBorrow b(gradient_.stamp(), "mut_gradient", at);
    return {static_cast<T*>(slot_->gradient), shape(), row_major(shape()), std::move(b)};
  }
  /// Marks the gradient empty: the next backward stores. Refused while a Step learns it.
  void clear_gradient(Loc at = Loc::current()) { ref().clear_gradient(at); }
  Parameter clone(Loc at = Loc::current()) const { return Parameter(value_.clone(at)); }

  auto as_piece(Loc at) const& {
    memory::check(value_.stamp(), "Parameter", at);
    return build::leaf_piece<T, shape_type>(
        Tracked<T, shape_type>(value_.begin_unchecked(), shape(), value_.stamp(), slot_, value_.stamp().version()),
        shape());
  }
  auto as_piece(Loc) && = delete;  // a temporary parameter: nobody could update it

  // ---- for steps and optimisers --------------------------------------------------------------------------------------
  /// Whether a Step has hold of it.
  bool held() const { return ref().held(); }
  void for_each_storage(auto&& visit) {
    value_.for_each_storage(visit);
    visit(gradient_);
  }
  /// A parameter that reads the same value and has a gradient of its own; autodiff/replicas.hpp.
  Parameter replica(Loc at) const {
    memory::check(value_.stamp(), "replicas", at);
    return Parameter(Tensor<T, E...>(memory::Storage::reader_of(value_.storage(), "replicas", at), shape()), at);
  }
  autodiff::ParameterRef<T> ref() const { return {value_.storage(), gradient_, slot_, size()}; }

 private:
  static constexpr Index gradient_offset = memory::alignment;  // the slot stands before the gradient, in one storage
  Tensor<T, E...> value_;
  memory::Storage gradient_;
  autodiff::ParameterSlot* slot_ = nullptr;
};

template <class> inline constexpr bool is_parameter_v = false;
template <class T, Index... E> inline constexpr bool is_parameter_v<Parameter<T, E...>> = true;

}  // namespace tenon::inline TENON_ABI
