// cross_entropy(x, labels)
#pragma once

#include "tenon/kernel/cross_entropy.hpp"
#include "tenon/op/exp.hpp"
#include "tenon/op/log.hpp"
#include "tenon/tensor/structured.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI {

/// y = mean over rows i of logsumexp(x[i]) - x[i][label[i]]: softmax cross-entropy of logits, in nats.
/// Shapes:     x (n, k), labels (n) of an integer dtype -> ()
/// Derivative: dx[i] = (softmax(x[i]) - onehot(label[i])) dy / n; none for labels
/// Accuracy:   4 ulp of the largest of |x| and |y|; rows are added in double
/// Saves:      the logsumexp of each row
/// Edge:       no rows give NaN, as PyTorch; a row of -inf, or with NaN, gives NaN
/// Throws:     ValueError for a label outside [0, k) before anything is computed or written; ShapeError when the number
///             of labels is not that of rows; other ranks and dtypes do not compile
struct CrossEntropy {
  static constexpr std::string_view name = "cross_entropy";

  template <class X, class L> Shape<> shape(Loc, const X&, const L&) const { return {}; }
  template <class X, class L> Index saved_bytes(X x, L) const {
    return x.extent[0] * static_cast<Index>(sizeof(*x.data));
  }
  template <class Y, class X, class L> void forward(std::byte* saved, Y y, X x, L labels) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    *y.data = kernel::cross_entropy(x, labels, reinterpret_cast<T*>(saved));
  }
  template <class Y, class DY, class X, class L, class DX, class DL>
  void backward(const std::byte* saved, Y, DY dy, X x, L labels, DX dx, DL) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (!dx) return;
    kernel::cross_entropy_backward(x, labels, reinterpret_cast<const T*>(saved), *dy.data / T(x.extent[0]),
                                   static_cast<const Span<T, 2>&>(dx), dx.mode);
  }
};

namespace detail {

template <class S, class L> void check_labelled_rows(const S& x, const L& labels, Loc at) {
  static_assert(S::rank == 2, "tenon::cross_entropy: logits are (rows, classes)");
  static_assert(L::rank == 1, "tenon::cross_entropy: labels are one integer a row; argmax(x, axis<1>) makes them");
  constexpr bool fits = may_equal(S::pattern[0], L::pattern[0]);
  if constexpr (!fits) (void)sizeof(shapes_do_not_match<S, L>);
  static_assert(fits, "tenon::cross_entropy: a label a row; both shapes stand in shapes_do_not_match<...> above");
  if (x[0] != labels[0])
    throw ShapeError(
        at, "tenon::cross_entropy: logits of shape " + to_string(x) + " but labels of shape " + to_string(labels));
}
TENON_COLD inline void refuse_label(Index label, Index row, Index classes, Loc at) {
  throw ValueError(at, "tenon::cross_entropy: label " + std::to_string(label) + " at row " + std::to_string(row) +
                           " is outside [0, " + std::to_string(classes) + ")");
}

}  // namespace detail

/// labels: a tensor, view, value or expression of integers.
template <tensor_like X, tensor_like L> auto cross_entropy(X&& x, L&& labels, Loc at = Loc::current()) {
  using I = dtype_of_t<L>;
  static_assert(std::is_floating_point_v<primal_t<dtype_of_t<X>>>,
                "tenon::cross_entropy: logits are float or double; write cast<float>(x)");
  static_assert(std::is_integral_v<I> && !std::is_same_v<I, bool>,
                "tenon::cross_entropy: labels are integers, one class a row");
  detail::check_labelled_rows(x.shape(), labels.shape(), at);
  const Index classes = x.shape()[1];
  const auto known = eval(std::forward<L>(labels), at);
  const auto& leaf = known.evaluated(at);
  leaf.check(CrossEntropy::name, at);
  const Span<const I, 1> label = span_of(leaf);
  if (const Index row = kernel::first_bad_label(label, classes); row >= 0) [[unlikely]]
    detail::refuse_label(static_cast<Index>(label(row)), row, classes, at);
  return structured(CrossEntropy{}, at, std::forward<X>(x), known);
}
/// Labels in a vector: copied, which takes memory; a Tensor is read in place.
template <tensor_like X, class I> auto cross_entropy(X&& x, const std::vector<I>& labels, Loc at = Loc::current()) {
  Uninit<I, dyn> copy(Shape<dyn>(labels.size()), at);
  return cross_entropy(std::forward<X>(x),
                       std::move(copy).init_with([&](Index i) { return labels[static_cast<std::size_t>(i)]; }), at);
}

}  // namespace tenon::inline TENON_ABI
