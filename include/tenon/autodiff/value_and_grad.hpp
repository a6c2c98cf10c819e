// The functional door in reverse: value_and_grad and grad.
//
// f takes its arguments as const auto&, so that the same f runs on tensors, on recorded arguments and on duals.
#pragma once

#include <memory>
#include <tuple>

#include "tenon/autodiff/step.hpp"

namespace tenon::inline TENON_ABI {
namespace autodiff {

/// Argument number K of a function being differentiated. Equal subterms of arguments are computed once.
template <int K, class T, Index... E> class Argument : public Value<T, E...> {
 public:
  using Value<T, E...>::Value;
  auto as_piece(Loc) const {
    using S = Shape<E...>;
    return build::leaf_piece<T, S>(Tracked<T, S, K>(this->data(), this->shape(), this->stamp(), this->slot()),
                                   this->shape());
  }
  /// An element or a part: an expression in either case, so that f(x) may be written in x's elements.
  template <slice_item... Items> auto operator()(Items... items) const {
    return slice_value(*this, items...);  // op/slice.hpp, found by ADL
  }
};

/// The frame of one call.
class FunctionFrame : public InputFrame {
 public:
  explicit FunctionFrame(Arena& arena, Loc at) : InputFrame(arena, true, at) {}
  using InputFrame::reverse;
};

template <class F> consteval bool pull_reads_nothing() {
  if constexpr (requires { F::derivative_reads; }) return F::derivative_reads == Reads::nothing && !requires {
      F::counts_ties;
    };
  else return false;
}

/// Whether an unevaluated result can give value and gradient in one loop: a sum or mean over everything, of an
/// expression in which each active operand is an argument.
template <class E> inline constexpr bool one_pass = false;
template <class T, class F, rows::Axes A, class G, class P, class S>
inline constexpr bool one_pass<Expr<T, Shape<>, folded<F, A, G>, FoldPack<P, S>>> =
    A == evaluation::all_axes<S>() && F::states == 1 &&
    pull_reads_nothing<F>() && IsActive<G, P, S>::value&& evaluation::product_count<P>() == 0 &&
    []<class... L>(graph::list<L...>) {
      return ((!evaluation::is_active<L>() || L::tag >= 0) && ...);
    }(typename LeafList<P>::type{});
/// Not when a number's gradient would be summed over many blocks: the recorded way keeps the digits.
template <class P, class S> bool worth_one_pass(const FoldPack<P, S>& p) {
  bool sums = false;
  for_each_leaf(p.operands, [&](auto& l) {
    using L = std::remove_cvref_t<decltype(l)>;
    sums = sums || (L::tag >= 0 && L::shape_type::rank == 0);
  });
  return !sums || p.shape.size() <= fused::fold_block;
}
/// Value and gradient in one loop. gradient[k]: memory for the gradient of argument k; used[k] is set when it was
/// written. Pre: one_pass, all operands lie as the shape does, and worth_one_pass.
template <class T, class F, rows::Axes A, class G, class P, class S>
T value_and_gradient(std::type_identity<folded<F, A, G>>, FoldPack<P, S>& p, void* const* gradient, bool* used) {
  using LoopT = typename evaluation::LoopFor<T, Shape<>, folded<F, A, G>, FoldPack<P, S>>::type;
  using L = typename LeafList<P>::type;
  using Facts = LeafFacts<S, L>;
  using Acc = typename LoopT::Acc;
  constexpr int leaves = Facts::count;
  const Index n = p.shape.size();
  Acc state[F::states];
  using Root = typename LoopT::Root;
  Root share = F::template share<Root>(n);
  void* at[2 * leaves + 2];
  Write mode[leaves] = {};  // those of operands nobody asks about are not read
  int k = 0;
  for_each_leaf(p.operands, [&](auto& l) TENON_INLINE_LAMBDA {
    using Leaf = std::remove_cvref_t<decltype(l)>;
    at[k] = evaluation::bytes(l.data());
    at[leaves + 2 + k] = nullptr;
    mode[k] = Write::store;
    if constexpr (Leaf::tag >= 0)
      if (!used[Leaf::tag]) {
        used[Leaf::tag] = true;
        at[leaves + 2 + k] = gradient[Leaf::tag];
      }
    ++k;
  });
  at[leaves] = state;
  at[leaves + 1] = &share;
  F::start(state);
  if (n <= fused::fold_block) {
    if (n > 0) LoopT::value_and_gradient(n, at, mode);
    else
      for (int j = 0; j < leaves; ++j)
        if (Facts::scalar[j] && at[leaves + 2 + j] != nullptr)
          std::memset(at[leaves + 2 + j], 0, static_cast<std::size_t>(Facts::adjoint_item[j]));
  } else {
    rows::Cascade<F, Acc> cascade;
    for (Index first = 0; first < n; first += fused::fold_block) {
      F::start(state);
      LoopT::value_and_gradient(n - first < fused::fold_block ? n - first : fused::fold_block, at, mode);
      cascade.push(state);
      for (int j = 0; j < leaves; ++j) {
        if (Facts::scalar[j]) continue;
        at[j] = static_cast<std::byte*>(at[j]) + fused::fold_block * Facts::item[j];
        if (void*& d = at[leaves + 2 + j]; d != nullptr)
          d = static_cast<std::byte*>(d) + fused::fold_block * Facts::adjoint_item[j];
      }
    }
    cascade.total(state);
  }
  return static_cast<T>(F::finish(state, n));
}

template <class... X> struct GradientOf {
  using type = std::tuple<X...>;
  static type make(X&&... x) { return type(std::move(x)...); }
};
template <class X> struct GradientOf<X> {
  using type = X;
  static type make(X&& x) { return std::move(x); }
};

template <class T, class S> struct TensorOf;
template <class T, Index... E> struct TensorOf<T, Shape<E...>> {
  using type = Tensor<T, E...>;
  using Fresh = Uninit<T, E...>;
  template <int K> using ArgumentType = Argument<K, T, E...>;
};
template <class X> using TensorLike = TensorOf<dtype_of_t<X>, shape_of_t<X>>;

}  // namespace autodiff

/// A value and the gradient of it: a Tensor for one argument, a std::tuple of Tensors for several.
template <class T, class G> struct ValueGradient {
  T value;
  G grad;
};

/// x -> (f(x), df/dx) for a scalar f. Holds an arena: after the first call of a size only the gradients are allocated.
template <class F> class ValueAndGrad {
 public:
  explicit ValueAndGrad(F f) : f_(std::move(f)) {}

  /// Gradients have the arguments' shapes; an argument that f does not use has zeros.
  template <class... X>
  requires(sizeof...(X) > 0 && (requires(const X& x) { typename X::tenon_owner; } && ...)) auto operator()(
      const X&... x) {
    return call(std::index_sequence_for<X...>{}, x...);
  }

 private:
  template <std::size_t... I, class... X> auto call(std::index_sequence<I...>, const X&... x) {
    constexpr std::size_t n = sizeof...(X);
    static_assert((std::is_same_v<compute_t<dtype_of_t<X>>, dtype_of_t<X>> && ...),
                  "tenon::value_and_grad: an argument of 16 bits has no gradient; pass cast<float>(x)");
    (memory::check(x.stamp(), "value_and_grad", Loc{}), ...);
    std::tuple<typename autodiff::TensorLike<X>::Fresh...> fresh(
        typename autodiff::TensorLike<X>::Fresh(x.shape(), Loc{})...);
    void* gradient[n] = {std::get<I>(fresh).data()...};
    bool used[n] = {};
    autodiff::FunctionFrame frame(arena_, Loc{});
    autodiff::Slot slot[n];
    for (std::size_t k = 0; k < n; ++k) slot[k].gradient = gradient[k];
    const memory::Storage owned[n] = {memory::Storage::share(x.stamp())...};  // f may know the tensors by other names
    const std::uint64_t version[n] = {x.stamp().version()...};
    auto y = f_(typename autodiff::TensorLike<X>::template ArgumentType<static_cast<int>(I)>(
        x.begin_unchecked(), x.shape(), frame.stamp(), &slot[I])...);
    (memory::check(owned[I].stamp(), version[I], "value_and_grad", Loc{}), ...);
    using Y = decltype(y);
    static_assert(tensor_like<Y> && shape_of_t<Y>::rank == 0,
                  "tenon::value_and_grad: f must return a scalar; reduce it by sum or mean");
    using T = dtype_of_t<Y>;
    const T value = evaluate(std::move(y), frame, gradient, used, slot);
    const auto clear = [&](std::size_t k, std::size_t bytes) {
      if (!used[k] && bytes > 0) std::memset(gradient[k], 0, bytes);
    };
    (clear(I, static_cast<std::size_t>(x.size()) * sizeof(dtype_of_t<X>)), ...);
    using G = autodiff::GradientOf<typename autodiff::TensorLike<X>::type...>;
    return ValueGradient<T, typename G::type>{value, G::make(std::move(std::get<I>(fresh)).assume_init()...)};
  }
  template <std::size_t N, class T, class G, class P>
  static T evaluate(Expr<T, Shape<>, G, P>&& y, autodiff::FunctionFrame& frame, void* const (&gradient)[N],
                    bool (&used)[N], autodiff::Slot (&slot)[N]) {
    using E = Expr<T, Shape<>, G, P>;
    if constexpr (autodiff::one_pass<E>) {
      if (frame.node_count() == 0 && !y.has_result()) {
        Piece<T, Shape<>, G, P> piece{std::move(y).fuse(), {}};
        if (evaluation::all_lie_as(piece.operands.shape, piece.operands.operands) &&
            autodiff::worth_one_pass(piece.operands)) {
          evaluation::check_leaves<T, Shape<>, G>(piece.operands, Loc{});
          return autodiff::value_and_gradient<T>(std::type_identity<G>{}, piece.operands, gradient, used);
        }
        return reverse(build::settle(std::move(piece), Loc{}).operands, frame, used, slot);
      }
    }
    return reverse(y.evaluated(), frame, used, slot);
  }
  template <std::size_t N, class V, class T = dtype_of_t<V>>
  requires(!is_expr_v<std::remove_cvref_t<V>>) static T
      evaluate(V&& y, autodiff::FunctionFrame& frame, void* const (&)[N], bool (&used)[N], autodiff::Slot (&slot)[N]) {
    return reverse(y.as_piece(Loc{}).operands, frame, used, slot);
  }
  template <std::size_t N, class R>
  static auto reverse(const R& root, autodiff::FunctionFrame& frame, bool (&used)[N], autodiff::Slot (&slot)[N]) {
    root.check("value_and_grad", Loc{});
    const auto value = *root.data();
    bool depends = false;
    if constexpr (requires { root.slot(); }) depends = root.slot() != nullptr;
    if (depends) frame.reverse(root, nullptr, "value_and_grad", Loc{});
    for (std::size_t k = 0; k < N; ++k) used[k] = slot[k].written;
    return value;
  }

  F f_;
  Arena arena_;
};

/// f -> a function that returns value and gradient: `auto [y, g] = value_and_grad(f)(a, b); auto& [ga, gb] = g;`
template <class F> ValueAndGrad<F> value_and_grad(F f) { return ValueAndGrad<F>(std::move(f)); }
/// f -> a function that returns the gradient.
template <class F> auto grad(F f) {
  return [v = std::make_shared<ValueAndGrad<F>>(std::move(f))](const auto&... x) { return (*v)(x...).grad; };
}

}  // namespace tenon::inline TENON_ABI
