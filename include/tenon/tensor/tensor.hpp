// Tensor: the owner of its elements.
#pragma once

#include <vector>

#include "tenon/tensor/assign.hpp"
#include "tenon/tensor/literal.hpp"
#include "tenon/tensor/uninit.hpp"
#include "tenon/tensor/view.hpp"

namespace tenon::inline TENON_ABI {

/// The single owner of row-major, 64-byte aligned elements of T with extents E... (numbers, or dyn).
///
/// Move-only; clone() copies. Braces always mean elements: `Tensor<float, 2, 2> t = {{1, 2}, {3, 4}}`; a shape stands in
/// parentheses around braces: `Tensor<float, dyn, 3> t({n, 3})` (zeros). Elements are read by t(i, j), a View by t.view()
/// or t(i, all), written through t.mut(). Neither elements nor views move when the owner does.
template <class T, Index... E> class TENON_CONSUMABLE Tensor {
  static_assert(element<T>,
                "tenon::Tensor: the element type is float, double, int32, int64, uint8, bool, bfloat16 or float16");
  static_assert(!element<T> || fits_address_space<E...>(sizeof(T)),
                "tenon::Tensor: the elements overflow the address space");

 public:
  using dtype = T;
  using shape_type = Shape<E...>;
  using tenon_operand = void;
  using tenon_owner = void;
  static constexpr bool is_static = shape_type::is_static;
  static constexpr int tensor_rank = shape_type::rank;
  /// Whether an index names one element, not a part.
  template <class... Items>
  static constexpr bool names_element = sizeof...(Items) == sizeof...(E) && (std::is_integral_v<Items> && ...);

  /// Zeros; for extents known to the compiler.
  TENON_BORN_OWNER Tensor() requires is_static : Tensor(Zeroed{}, shape_type{}, Loc{}) {}
  /// Zeros of the shape in the inner braces.
  explicit Tensor(const shape_type& shape, Loc at = Loc::current()) requires(!is_static && tensor_rank > 1)
      : Tensor(Zeroed{}, shape, at) {}
  template <std::integral I>
  requires(!is_static && tensor_rank == 1) explicit Tensor(const I (&extent)[1], Loc at = Loc::current())
      : Tensor(Zeroed{}, shape_type(extent[0]), at) {}

  // Literals. With static extents they are packs of arrays, deduced from the braces and counted by the compiler.
  template <class... A>
  requires(tensor_rank == 1 && sizeof...(A) > 0 && ((std::is_arithmetic_v<A> || std::same_as<A, T>)&&...))
      Tensor(A... items)
      : Tensor(Zeroed{}, literal_shape<sizeof...(A)>(), Loc{}) {
    static_assert(is_static || sizeof...(A) > 1 || (!std::is_integral_v<A> && ...),
                  "tenon: write ({n}) for n elements, = {1.f} for one element");
    T* to = raw();
    ((*to++ = literal::Item<T>(items).value), ...);
  }
  template <std::size_t... N>
  requires(is_static&& tensor_rank == 2 && sizeof...(N) > 0) Tensor(const literal::Item<T> (&... row)[N]) : Tensor() {
    constexpr std::array<std::size_t, sizeof...(N)> n{N...};
    literal::require_fit<shape_type, Shape<static_cast<Index>(sizeof...(N)), static_cast<Index>(n[0])>>();
    static_assert(((N == n[0]) && ...), "tenon: the rows of a literal differ in length");
    T* to = raw();
    auto copy = [&](const auto& r) {
      for (const auto& i : r) *to++ = i.value;
    };
    (copy(row), ...);
  }
  template <std::size_t... N, std::size_t... M>
  requires(is_static&& tensor_rank == 3 && sizeof...(N) > 0) Tensor(const literal::Item<T> (&... plane)[N][M])
      : Tensor() {
    constexpr std::array<std::size_t, sizeof...(N)> n{N...}, m{M...};
    literal::require_fit<shape_type,
                         Shape<static_cast<Index>(sizeof...(N)), static_cast<Index>(n[0]), static_cast<Index>(m[0])>>();
    static_assert(((N == n[0]) && ...) && ((M == m[0]) && ...), "tenon: the rows of a literal differ in length");
    T* to = raw();
    auto copy = [&](const auto& p) {
      for (const auto& r : p)
        for (const auto& i : r) *to++ = i.value;
    };
    (copy(plane), ...);
  }
  // With a run-time extent (or rank above 3) they are nested lists, counted when they are read. Throws ShapeError.
  Tensor(literal::nested_t<T, (tensor_rank > 1 ? tensor_rank : 2)> list) requires((!is_static && tensor_rank > 1) ||
                                                                                  tensor_rank > 3)
      : Tensor(Zeroed{}, list_shape(list), Loc{}) {
    T* to = raw();
    literal::copy_items<tensor_rank>(list, shape_.extents(), to);
  }
  /// A rank-0 tensor.
  template <number A>
  requires(tensor_rank == 0) Tensor(A value) : Tensor(Zeroed{}, shape_type{}, Loc{}) { *raw() = static_cast<T>(value); }

  /// Evaluates an expression, in one loop. Throws OwnershipError when it is being recorded: a Tensor would cut the
  /// gradient; write e.detach(), or keep the name with auto or Value.
  template <class U, class S, class G, class P>
  Tensor(Expr<U, S, G, P>&& e, Loc at = Loc::current()) : Tensor(from_temporary(std::move(e), at)) {}
  template <class U, class S, class G, class P>
  Tensor(const Expr<U, S, G, P>& e, Loc at = Loc::current()) : Tensor(unpack(build::piece_of(e, at), at)) {}
  /// Copies what a view reads.
  template <class U, Index... F>
  explicit Tensor(const View<U, F...>& v, Loc at = Loc::current()) : Tensor(unpack(v.as_piece(at), at)) {}

  Tensor(Tensor&&) noexcept = default;
  Tensor(const Tensor&) = delete;
  Tensor& operator=(const Tensor&) = delete;
  /// Takes other's storage; views of the old one are stale from then on.
  Tensor& operator=(Tensor&& other) {
    if (this != &other) {
      check_writable(Loc{});
      storage_ = std::move(other.storage_);
      shape_ = other.shape_;
    }
    return *this;
  }
  /// In place when the shape stays, right whatever the expression reads; new storage when it changes.
  template <tensor_like X>
  requires(!std::is_same_v<std::remove_cvref_t<X>, Tensor>) TENON_OWNER_AGAIN Tensor& operator=(X&& x) {
    auto p = build::piece_of(std::forward<X>(x), Loc{});
    if (storage_ && same_shape(p.shape)) {
      mut(Loc{}).assign(std::move(p), Loc{});
      return *this;
    }
    return *this = Tensor(unpack(std::move(p), Loc{}));
  }

  /// Takes over the elements of a value, view or expression of this shape, in place; what is being recorded goes on
  /// being recorded, this copy is a constant. Throws ShapeError, OwnershipError.
  template <tensor_like X> void copy_from(const X& x, Loc at = Loc::current()) {
    auto p = [&] {  // before the borrow opens: x may be an expression that reads this tensor
      if constexpr (requires { x.detach(); }) return build::piece_of(x.detach(), at);
      else return build::piece_of(x, at);
    }();
    mut(at).assign(std::move(p), at);
  }

  static constexpr int rank() { return tensor_rank; }
  const shape_type& shape() const { return shape_; }
  Index size() const { return shape_.size(); }
  explicit operator bool() const = delete;

  /// A copy that owns its elements.
  TENON_OWNER_ONLY Tensor clone(Loc at = Loc::current()) const {
    memory::check(storage_.stamp(), "clone", at);
    Uninit<T, E...> u(shape_, at);
    if (size() > 0) std::memcpy(static_cast<void*>(u.data()), raw(), static_cast<std::size_t>(size()) * sizeof(T));
    return std::move(u).assume_init();
  }
  TENON_OWNER_ONLY View<T, E...> view(Loc at = Loc::current()) const& TENON_LIFETIMEBOUND {
    return view_for("view", at);
  }
  View<T, E...> view(Loc at = Loc::current()) const&& = delete;  // a view of a temporary would be stale at once
  /// Opens the exclusive borrow. Throws OwnershipError when one is open, or an open Step learns this parameter.
  TENON_OWNER_ONLY MutView<T, E...> mut(Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    memory::ExclusiveBorrow b(storage_.stamp(), "mut", at);
    return {raw(), shape_, row_major(shape_), std::move(b)};
  }
  MutView<T, E...> mut(Loc at = Loc::current()) && = delete;

  /// An element, or a part as a View. Positions are checked.
  template <slice_item... Items>
  requires(names_element<Items...>) TENON_OWNER_ONLY T operator()(Items... items) const {
    return view_for("element", Loc{}).at(Loc{}, items...);
  }
  template <slice_item... Items>
  requires(!names_element<Items...>) TENON_OWNER_ONLY auto operator()(Items... items) const& TENON_LIFETIMEBOUND {
    return view_for("element", Loc{}).at(Loc{}, items...);
  }
  template <slice_item... Items>
  requires(!names_element<Items...>) auto operator()(Items... items) const&& = delete;  // as view()
  /// The element of a tensor that has one.
  TENON_OWNER_ONLY T item(Loc at = Loc::current()) const { return view_for("item", at).item(at); }
  /// First of size() elements in row-major order; checked now, not later.
  TENON_OWNER_ONLY const T* data(Loc at = Loc::current()) const& TENON_LIFETIMEBOUND {
    memory::check(storage_.stamp(), "data", at);
    return raw();
  }
  const T* begin() const& { return data(Loc{}); }
  const T* end() const& { return data(Loc{}) + size(); }
  /// The elements in row-major order.
  std::vector<T> to_vector() const { return std::vector<T>(begin(), end()); }

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

  // ---- for tenon's own layers --------------------------------------------------------------------------------------
  Tensor(memory::Storage storage, const shape_type& shape) : storage_(std::move(storage)), shape_(shape) {}
  memory::Cell& cell() { return storage_.cell(); }
  void for_each_storage(auto&& visit) { visit(storage_); }
  const memory::Storage& storage() const { return storage_; }
  const T* begin_unchecked() const { return raw(); }

 private:
  struct Zeroed {};
  Tensor(Zeroed, const shape_type& shape, Loc at)
      : storage_(checked_size(shape.extents(), sizeof(T), at) * static_cast<Index>(sizeof(T)), at), shape_(shape) {
    if (size() > 0) std::memset(storage_.bytes(), 0, static_cast<std::size_t>(size()) * sizeof(T));
  }
  T* raw() const { return static_cast<T*>(storage_.bytes()); }
  View<T, E...> view_for(std::string_view op, Loc at) const {
    memory::check(storage_.stamp(), op, at);
    return {raw(), shape_, row_major(shape_), storage_.stamp()};
  }
  void check_writable(Loc at) {
    if constexpr (checks > 0)
      if (storage_) {
        memory::ExclusiveBorrow::require_free(storage_.stamp(), "operator=", at);
        storage_.cell().grow_version();  // what waits to read it is out of date, though somebody may keep the elements
      }
  }
  template <class S> bool same_shape(const S& s) const {
    if constexpr (S::rank != tensor_rank) return false;
    else {
      for (int d = 0; d < tensor_rank; ++d)
        if (s[d] != shape_[d]) return false;
      return true;
    }
  }
  template <std::size_t N> static constexpr shape_type literal_shape() {
    if constexpr (is_static) {
      literal::require_fit<shape_type, Shape<static_cast<Index>(N)>>();
      return {};
    } else {
      return shape_type(static_cast<Index>(N));
    }
  }
  template <class L> static shape_type list_shape(const L& list) {
    typename shape_type::Extents e{};
    literal::extents_of<tensor_rank>(list, e);
    return shape_type(e, Loc{});
  }
  /// A result that a use by name left behind is taken over; else the formula is evaluated into this tensor's storage.
  template <class U, class S, class G, class P> static Tensor from_temporary(Expr<U, S, G, P>&& e, Loc at) {
    if constexpr (!Expr<U, S, G, P>::is_leaf)
      if (e.has_result()) {
        const S shape = e.shape();
        return unpack(build::leaf_piece<U, S>(std::move(e).take_result(at), shape), at);
      }
    return unpack(build::piece_of(std::move(e), at), at);
  }
  /// The values of a piece as a tensor of this type.
  template <class U, class S, class G, class P> static Tensor unpack(Piece<U, S, G, P> p, Loc at) {
    static_assert(std::is_same_v<U, T>, "tenon: the expression has another dtype than the tensor; write cast<T>(e)");
    using C = context_t<P>;
    C::check_escape(p.operands, at);
    const auto shape = shape_cast<shape_type>(p.shape, "tenon::Tensor", at);
    if constexpr (requires {
                    requires P::dense;
                    p.operands.storage();
                  })  // a result nobody else holds is taken over
      if (p.operands.storage() && p.operands.storage().unique()) return Tensor(p.operands.storage(), shape);
    evaluation::check_leaves<T, S, G>(p.operands, at);
    Uninit<T, E...> u(shape, at);
    const S own = p.shape;  // an empty part of p: GCC takes a reference to it for one to all of p, and warns
    evaluation::forward(std::type_identity<G>{}, p.operands, own,
                        evaluation::Target<T, S>{u.data(), row_major(own), true});
    return std::move(u).assume_init();
  }

  memory::Storage storage_;
  [[no_unique_address]] shape_type shape_;
};

// tn::Tensor d = expr; tn::Tensor t = {{1.f, 2.f}, {3.f, 4.f}};
template <class T, Index... E, class G, class P> Tensor(Expr<T, Shape<E...>, G, P>) -> Tensor<T, E...>;
template <class T, Index... E, class G, class P> Tensor(Expr<T, Shape<E...>, G, P>, Loc) -> Tensor<T, E...>;
template <class T, Index... E> Tensor(View<T, E...>) -> Tensor<T, E...>;
template <class A, std::size_t N, std::size_t... M>
requires std::is_arithmetic_v<A> Tensor(const A (&first)[N], const A (&... row)[M])
->Tensor<A, 1 + static_cast<Index>(sizeof...(M)), static_cast<Index>(N)>;

template <class T, Index... E> std::vector<T> View<T, E...>::to_vector() const { return clone(Loc{}).to_vector(); }
template <class T, Index... E> Tensor<T, E...> View<T, E...>::clone(Loc where) const {
  return Tensor<T, E...>(*this, where);
}

}  // namespace tenon::inline TENON_ABI
