// Leaves that read another leaf's elements in another order or shape, without a copy: what transpose(w) and reshape(w)
// are inside an expression. Their adjoint is the base leaf's, written through their own strides.
#pragma once

#include "tenon/shape/rearrange.hpp"
#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI {

/// Leaf L read in shape S through `strides`; what L says of itself is passed on. Never one operand with L (no tag),
/// since elements of one index differ.
template <class L, class S, bool Dense> class Rearranged {
 public:
  using dtype = typename L::dtype;
  using shape_type = S;
  using context = typename L::context;
  using base_type = L;
  static constexpr bool dense = Dense, tracked = evaluation::is_active<L>();
  static constexpr int tag = -1;

  Rearranged(L base, const S& shape, const Strides<S::rank>& strides)
      : base_(std::move(base)), shape_(shape), strides_(strides) {}
  const dtype* data() const { return base_.data(); }
  const S& shape() const { return shape_; }
  const Strides<S::rank>& strides() const { return strides_; }
  TENON_ALWAYS_INLINE void check(std::string_view op, Loc at) const { base_.check(op, at); }
  const L& base() const& { return base_; }
  L base() && { return std::move(base_); }

  memory::Stamp stamp() const requires requires(const L& l) { l.stamp(); }
  { return base_.stamp(); }
  std::uint64_t version() const requires requires(const L& l) { l.version(); }
  { return base_.version(); }
  const memory::Storage& storage() const requires requires(const L& l) { l.storage(); }
  { return base_.storage(); }
  auto* slot() const requires requires(const L& l) { l.slot(); }
  { return base_.slot(); }
  auto* frame() const requires requires(const L& l) { l.frame(); }
  { return base_.frame(); }
  bool undifferentiated() const requires requires(const L& l) { l.undifferentiated(); }
  { return base_.undifferentiated(); }
  void detach() requires requires(L& l) { l.detach(); }
  { base_.detach(); }

 private:
  L base_;
  [[no_unique_address]] S shape_;
  Strides<S::rank> strides_;
};
/// The same elements in another order.
template <class L, class S> using Permuted = Rearranged<L, S, false>;
/// The same elements, row-major without gaps as before, in another shape.
template <class L, class S> using Reshaped = Rearranged<L, S, true>;

namespace build {

/// The leaf under all rearrangements: strides are counted from its first element.
template <class L> auto base_leaf(L&& l) {
  if constexpr (requires { typename std::remove_cvref_t<L>::base_type; }) return base_leaf(std::forward<L>(l).base());
  else return std::remove_cvref_t<L>(std::forward<L>(l));
}
template <class T, class S, class P> auto leaf_expression(P leaf_value, const S& shape) {
  return Expr<T, S, leaf, P>(std::move(leaf_value), shape);
}
/// An expression that reads `l` in another order.
template <class L, class S> auto permuted_expression(L l, const Layout<S>& to) {
  auto base = base_leaf(std::move(l));
  using P = Permuted<decltype(base), S>;
  return leaf_expression<typename L::dtype, S>(P(std::move(base), to.shape, to.strides), to.shape);
}
/// An expression that reads `l`, which is dense, in another shape.
template <class L, class S> auto reshaped_expression(L l, const S& shape) {
  static_assert(L::dense);
  auto base = base_leaf(std::move(l));
  using P = Reshaped<decltype(base), S>;
  return leaf_expression<typename L::dtype, S>(P(std::move(base), shape, row_major(shape)), shape);
}

}  // namespace build
}  // namespace tenon::inline TENON_ABI
