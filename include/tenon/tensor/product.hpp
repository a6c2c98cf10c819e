// Lazy products: a matrix product (or convolution) stands in an expression as an operand that is made tile by tile, and
// the elementwise rest runs on each tile while it is in cache. So relu(matmul(x, w) + b) is one pass.
#pragma once

#include "tenon/memory/scratch.hpp"
#include "tenon/shape/span.hpp"
#include "tenon/tensor/apply.hpp"
#include "tenon/tensor/epilogue.hpp"
#include "tenon/tensor/fused_block.hpp"

namespace tenon::inline TENON_ABI {

/// A leaf's elements as a span.
template <class L> auto span_of(const L& l) {
  using S = typename L::shape_type;
  return Span<const typename L::dtype, S::rank>{l.data(), l.shape().extents(), l.strides()};
}
/// Row-major memory as a span.
template <class T, class S> Span<T, S::rank> dense_span(T* data, const S& shape) {
  return {data, shape.extents(), row_major(shape)};
}

/// An output that may be wanted or not, stored or added to: what backward passes write.
template <class T, int R> struct Gradient : Span<T, R> { Write mode = Write::store; };

/// The product of leaves A and B under Op, not yet computed. Op is a trivially copyable struct whose members are its
/// options, with
///   forward(a, b, y, epilogue)       y is row-major; epilogue(i, j, rows, cols) is called once for each finished block
///                                    of y read as a matrix of y.extent.back() columns, on any thread
///   backward(a, b, dy, da, db)       Gradients, false when nobody asked
/// and perhaps has_static<SA, SB, T>(), forward_static<SA, SB>(a, b, y, epilogue): forward for shapes that are constants
template <class Op, class T, class S, class A, class B> class Product {
 public:
  using op_type = Op;
  using dtype = T;
  using shape_type = S;
  using A_type = A;
  using B_type = B;
  using context = typename JoinContexts<graph::list<A, B>>::type;
  using Result = typename context::template Result<T, S>;
  static constexpr bool dense = true, is_product = true;
  static constexpr bool tracked = evaluation::is_active<A>() || evaluation::is_active<B>();
  static constexpr int tag = -1;

  Product(const Op& options, A left, B right, const S& shape)
      : rule(options), a(std::move(left)), b(std::move(right)), shape_(shape) {}
  const S& shape() const { return shape_; }
  Strides<S::rank> strides() const { return row_major(shape_); }
  void check(std::string_view op, Loc at) const {
    a.check(op, at);
    b.check(op, at);
  }
  auto* frame() const requires(!std::is_same_v<context, PlainContext>) {
    if constexpr (requires {
                    a.frame();
                    b.frame();
                  })
      return a.frame() != nullptr ? a.frame() : b.frame();
    else if constexpr (requires { a.frame(); }) return a.frame();
    else return b.frame();
  }
  /// Into z, row-major; epilogue as Op states.
  template <class E> void forward(T* z, const E& epilogue) const {
    ++memory::thread_counters.products;
    using SA = typename A::shape_type;
    using SB = typename B::shape_type;
    if constexpr (A::dense && B::dense && requires { Op::template has_static<SA, SB, T>(); })
      if constexpr (Op::template has_static<SA, SB, T>())
        return Op::template forward_static<SA, SB>(a.data(), b.data(), z, epilogue);
    rule.forward(span_of(a), span_of(b), dense_span(z, shape_), epilogue);
  }
  /// Computes the product by itself; from then on it is an operand like any other.
  [[gnu::noinline]] void evaluate_now(Loc at) {
    if (!result_) result_.emplace(context::template evaluate<T, S, leaf>(*this, shape_, at));
  }
  bool has_result() const { return result_.has_value(); }
  const Result& result() const { return *result_; }
  const T* data() const { return result_ ? result_->data() : nullptr; }
  memory::Stamp stamp() const { return result_ ? result_->stamp() : memory::Stamp{}; }
  auto* slot() const requires(!std::is_same_v<context, PlainContext>) { return result_ ? result_->slot() : nullptr; }

  [[no_unique_address]] Op rule;
  A a;
  B b;

 private:
  [[no_unique_address]] S shape_;
  std::optional<Result> result_;
};

namespace build {

/// A number as a dual: what a float tensor becomes beside a dual one.
template <class D> struct Lift {
  static constexpr std::string_view name = "lift";
  static constexpr auto derivative_reads = Reads::nothing;
  template <class> using dtype = D;
  template <class X> static auto value(X x) { return Dual<X>(x); }
  template <int, class X, class Y> static Y partial(X, Y) { return Y(1); }
};
/// A factor of dtype T, evaluated: a leaf.
template <class T, class X> auto factor(X&& x, Loc at) {
  auto p = [&] {
    if constexpr (is_dual_v<T> && !is_dual_v<dtype_of_t<X>>) return piece_of(apply<Lift<T>>(std::forward<X>(x)), at);
    else return piece_of(std::forward<X>(x), at);
  }();
  using P = decltype(p);
  if constexpr (std::is_same_v<typename P::graph_type, leaf> && product_count<typename P::Operands>() == 0)
    return std::move(p.operands);
  else return settle(std::move(p), at).operands;
}
/// The leaf itself when its elements are row-major without gaps, else a copy that is.
template <class L> auto dense_leaf(L l, Loc at) {
  if constexpr (L::dense) {
    return l;
  } else {
    const auto shape = l.shape();
    return settle(leaf_piece<typename L::dtype, typename L::shape_type>(std::move(l), shape), at).operands;
  }
}
/// The lazy product of x and y under Op, its factors evaluated now; shape(sx, sy) gives its shape or throws.
template <class Op, class X, class Y, class Shape_> auto product(const Op& op, X&& x, Y&& y, Loc at, Shape_ shape) {
  auto make = [&](auto a, auto b) {
    using A = decltype(a);
    using B = decltype(b);
    using TA = typename A::dtype;
    const auto s = shape(a.shape(), b.shape());
    using S = std::remove_const_t<decltype(s)>;
    using P = Product<Op, TA, S, A, B>;
    return Expr<TA, S, leaf, P>(P(op, std::move(a), std::move(b), s), s);
  };
  using T = common_dtype_t<dtype_of_t<X>, dtype_of_t<Y>>;
  static_assert(!std::is_void_v<T>,
                "tenon: the factors of a product differ in dtype; write cast<float>(x) on one of them");
  if constexpr (std::is_lvalue_reference_v<Y>) {  // names before temporaries
    auto b = factor<T>(y, at);
    return make(factor<T>(std::forward<X>(x), at), std::move(b));
  } else {
    auto a = factor<T>(std::forward<X>(x), at);
    return make(std::move(a), factor<T>(std::forward<Y>(y), at));
  }
}

}  // namespace build

namespace evaluation {

/// The product among the leaves of p. Pre: there is one.
template <class P> auto& product_of(P& p) {
  if constexpr (is_pack_v<std::remove_const_t<P>>) {
    if constexpr (build::product_count<std::remove_cvref_t<decltype(p.first)>>() > 0) return product_of(p.first);
    else return product_of(p.rest);
  } else {
    return p;
  }
}
template <class P>
inline constexpr int product_index = []<class... L>(graph::list<L...>) {
  int at = -1, i = 0;
  ((is_product_v<L> ? at = i++ : i++), ...);
  return at;
}(typename LeafList<P>::type{});

/// The row and column strides of leaf l under `shape` read as a matrix, or false when its rows have gaps.
template <class L, class S> bool epilogue_operand(const L& l, const S& shape, EpilogueOperand& o) {
  const auto s = broadcast_strides(shape, l.shape(), l.strides());
  o = {bytes(l.data()), static_cast<Index>(sizeof(typename L::dtype)), 0, 0};
  if constexpr (S::rank > 0) o.column = s[S::rank - 1];
  if constexpr (S::rank > 1) o.row = s[S::rank - 2];
  if constexpr (S::rank > 2) {
    Index step = o.row * shape[S::rank - 2];
    for (int d = S::rank - 3; d >= 0; step *= shape[d--])
      o.merged = o.merged && (shape[d] == 1 || s[static_cast<std::size_t>(d)] == step);
  }
  for (std::size_t d = 0; d < s.size(); ++d) o.stride[d] = s[d];
  if constexpr (S::rank == 0 || is_splat<L, S>()) {
    if constexpr (S::rank > 0)
      if (shape[S::rank - 1] <= 1) o.column = 0;
    return o.column == 0;
  } else {
    if (shape[S::rank - 1] <= 1) o.column = 1;  // of a row of one element any stride is right; this one reads on
    return o.column == 1;
  }
}

/// Values of an expression with a product, in one pass: the product goes to `z` (the result itself unless backward reads
/// the product), the rest follows on each finished block. Returns false when the operands do not allow it.
template <class LoopT, class T, class S, class P>
bool forward_epilogue(P& p, const S& shape, T* y, T* z, void* const* saved) {
  constexpr int leaves = leaves_of<P>, saves = LoopT::plan.saved_count;
  auto& product = product_of(p);
  EpilogueOperand o[leaves + 1 + saves];
  bool fits = true;
  int k = 0;
  for_each_leaf(p, [&](auto& l) {
    if constexpr (is_product_v<std::remove_cvref_t<decltype(l)>>) o[k++] = {};
    else fits = epilogue_operand(l, shape, o[k++]) && fits;
  });
  if (!fits) return false;
  const Index columns = S::rank > 0 ? shape[S::rank - 1] : 1;
  o[product_index<P>] = {bytes(z), static_cast<Index>(sizeof(T)), columns, 1};
  o[leaves] = {bytes(y), static_cast<Index>(sizeof(T)), columns, 1};
  for (int s = 0; s < saves; ++s)
    o[leaves + 1 + s] = {saved == nullptr ? nullptr : static_cast<std::byte*>(saved[s]),
                         LoopT::saved_item[static_cast<std::size_t>(s)], columns, 1};
  rows::BlockLoop loop = &fused::BlockOf<LoopT>::template forward<false>;
  if constexpr (saves > 0)
    if (saved != nullptr) loop = &fused::BlockOf<LoopT>::template forward<true>;
  const auto extents = shape.extents();
  product.forward(z, Epilogue(loop, o, leaves + 1 + saves, extents.data(), S::rank));
  return true;
}

/// Evaluation of expressions that contain a product; found from forward() in evaluate.hpp.
template <class T, class S, class G, class P> void forward_with_product(P& p, const S& shape, const Target<T, S>& to) {
  auto& product = product_of(p);
  using Z = typename std::remove_cvref_t<decltype(product)>::dtype;
  if (!product.has_result()) {
    if constexpr (std::is_same_v<Z, T>) {
      if constexpr (std::is_same_v<G, leaf>) {
        if (to.dense) return product.forward(to.data, Epilogue());
      } else {
        using LoopT = typename LoopFor<T, S, G, P>::type;
        if (to.dense && shape.extents() == product.shape().extents() &&
            forward_epilogue<LoopT>(p, shape, to.data, to.product == nullptr ? to.data : to.product, to.saved))
          return;
      }
    }
    product.evaluate_now(Loc{});
  }
  forward_elementwise<typename LoopFor<T, S, G, P>::type>(p, shape, to);
}

}  // namespace evaluation
}  // namespace tenon::inline TENON_ABI
