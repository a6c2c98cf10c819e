// Expressions: a graph type, its operands, and the two rules that make them harmless.
//
// A temporary gives its formula away (it fuses into the expression that takes it); a name is evaluated at its first use,
// or copy, and its result shared. So `auto h = a * x + b; return tanh(h);` computes h once and dangles nowhere.
#pragma once

#include <optional>

#include "tenon/base/error.hpp"
#include "tenon/shape/slice.hpp"
#include "tenon/tensor/leaf.hpp"

namespace tenon::inline TENON_ABI {

namespace detail {
[[noreturn]] TENON_COLD inline void refuse_expression_of_thread(Loc at) {
  throw OwnershipError(at, "tenon: an expression was used on another thread than the one that built it",
                       "evaluate it into a Tensor first and move that");
}
[[noreturn]] TENON_COLD inline void refuse_moved_expression(Loc at) {
  throw OwnershipError(at, "tenon: an expression was used after it was moved from",
                       "use the name before std::move, or keep eval(e)");
}
}  // namespace detail

/// A lazily evaluated tensor of dtype T and shape type S: graph G over the operands P. Made by ops, not by hand.
/// Move-only in spirit: a copy is a use by name, so both share one result. Belongs to the thread that built it.
template <class T, class S, class G, class P> class [[nodiscard]] Expr {
 public:
  using dtype = T;
  using shape_type = S;
  using graph_type = G;
  using context = context_t<P>;
  using Operands = P;
  /// It has its elements already: a lazy product has a leaf's graph, but not.
  static constexpr bool is_leaf = std::is_same_v<G, leaf> && !requires { P::is_product; };
  using Result = typename context::template Result<T, S>;

  TENON_ALWAYS_INLINE Expr(P&& operands, const S& shape)
      : operands_(std::move(operands)), shape_(shape), frame_(context::frame_of(operands_)) {}
  Expr(Expr&& o) noexcept
      : operands_(std::move(o.operands_)),
        result_(std::move(o.result_)),
        shape_(o.shape_),
        frame_(o.frame_),
        thread_(o.thread_),
        used_(o.used_),
        moved_from_(std::exchange(o.moved_from_, true)) {
    o.result_.reset();
  }
  Expr(const Expr& o) : Expr(o, (o.evaluated(), 0)) {}
  Expr& operator=(const Expr&) = delete;

  const S& shape() const { return shape_; }
  static constexpr int rank() { return S::rank; }

  /// The result, evaluated now unless it has been: what a use by name takes. Throws OwnershipError when the expression
  /// was moved from, belongs to another thread, or reads a tensor that is gone or has changed.
  auto evaluated(Loc at = {}) const -> const std::conditional_t<is_leaf, P, Result>& {
    check_usable(at);
    if constexpr (is_leaf) {
      return operands_;
    } else {
      if (!result_) {
        context::check_frame(frame_, operands_, at);
        result_.emplace(context::template evaluate<T, S, G>(operands_, shape_, at));
      }
      used_ = true;
      return *result_;
    }
  }
  /// The result of a temporary, evaluated in place: nobody will ask for it again.
  TENON_ALWAYS_INLINE auto evaluate_once(Loc at = {}) && {
    check_usable(at);
    return context::template evaluate<T, S, G>(operands_, shape_, at);
  }
  /// The result of an evaluated expression, given away. Pre: has_result(), and not is_leaf.
  Result take_result(Loc at = {}) && {
    check_usable(at);
    Result r = std::move(*result_);
    result_.reset();
    (void)give_operands();  // ends what they own
    return r;
  }
  /// The formula, given away: what a use as a temporary takes.
  TENON_ALWAYS_INLINE P fuse(Loc at = {}) && {
    check_usable(at);
    if (!is_leaf && used_) ++memory::thread_counters.repeated_formulas;
    if constexpr (!is_leaf) result_.reset();
    return give_operands();
  }
  /// The result as a constant: no gradient flows back through it. In this expression's frame when it has one.
  auto detach(Loc at = Loc::current()) const {
    auto r = evaluated(at);
    using R = std::remove_cvref_t<decltype(r)>;
    if constexpr (requires { r.detach(); }) r.detach();
    return Expr<T, S, leaf, R>(std::move(r), shape_);
  }
  /// Whether a use by name has computed the result already.
  bool has_result() const { return is_leaf || result_.has_value(); }

  /// An element, by position, evaluated now: refused for what a Step records. Anything else gives a part as an expression.
  template <slice_item... Items>
  requires(sizeof...(Items) > 0) auto operator()(Items... items) const {
    if constexpr (sizeof...(Items) == static_cast<std::size_t>(S::rank) && (std::is_integral_v<Items> && ...)) {
      context::check_number(operands_, Loc{});
      const auto& r = evaluated();
      r.check("element", Loc{});
      return r.data()[slice(r.shape(), r.strides(), Loc{}, items...).offset];
    } else {
      return slice_value(*this, items...);  // op/slice.hpp, found by ADL
    }
  }
  /// The element of a rank-0 expression, or of one with a single element.
  T item(Loc at = Loc::current()) const {
    if (shape_.size() != 1)
      throw ShapeError(at, "tenon::item: the expression has shape " + to_string(shape_) + ", not one element",
                       "name an element by position, or reduce first, for example by sum");
    const auto& r = evaluated(at);
    r.check("item", at);
    return *r.data();
  }
  /// The element of a rank-0 expression. Refused for what a Step records, where a number would cut the gradient unseen;
  /// item() says that it is meant.
  operator T() const requires(S::rank == 0) {
    context::check_number(operands_, Loc{});
    return item();
  }

 private:
  Expr(const Expr& o, int)
      : operands_(o.operands_),
        result_(o.result_),
        shape_(o.shape_),
        frame_(o.frame_),
        thread_(o.thread_),
        used_(o.used_),
        moved_from_(o.moved_from_) {}
  P give_operands() {
    moved_from_ = true;
    return std::move(operands_);
  }
  void check_usable(Loc at) const {
    if (thread_ != memory::this_thread_id) [[unlikely]]
      detail::refuse_expression_of_thread(at);
    if (moved_from_) [[unlikely]]
      detail::refuse_moved_expression(at);
  }

  mutable P operands_;
  mutable std::optional<Result> result_;
  [[no_unique_address]] S shape_;
  typename context::FrameRef frame_;  // what its context remembers of when it was built
  std::uint32_t thread_ = memory::thread_id();
  mutable bool used_ = false;
  bool moved_from_ = false;
};

template <class> inline constexpr bool is_expr_v = false;
template <class T, class S, class G, class P> inline constexpr bool is_expr_v<Expr<T, S, G, P>> = true;

/// An expression about to enter another one: its graph, its operands, its shape.
template <class T, class S, class G, class P> struct Piece {
  using dtype = T;
  using shape_type = S;
  using graph_type = G;
  using Operands = P;
  P operands;
  [[no_unique_address]] S shape;
};

/// The most ops, and operands, in one loop; beyond that, compile time and registers suffer more than memory traffic.
inline constexpr int max_nodes = 64, max_leaves = 64;

}  // namespace tenon::inline TENON_ABI
