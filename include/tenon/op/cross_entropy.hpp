// cross_entropy(x, labels), cross_entropy(x, probabilities), cross_entropy_each
#pragma once

#include <vector>

#include "tenon/kernel/cross_entropy.hpp"
#include "tenon/op/exp.hpp"  // of duals, and log: the kernel finds them by argument
#include "tenon/op/indices.hpp"
#include "tenon/op/log.hpp"

namespace tenon::inline TENON_ABI {

/// What becomes of the rows' losses: their mean over the rows that count, or their sum.
enum class Reduction : unsigned char { mean, sum };

struct CrossEntropyOptions {
  double label_smoothing = 0;  ///< in [0, 1]: the target is mixed with that share of equal probabilities
  Index ignore_index = -100;   ///< rows of this label have no part in the loss; with probabilities unused
  Reduction reduction = Reduction::mean;
};

/// y = mean over rows i of logsumexp(x[i]) - x[i][label[i]]: softmax cross-entropy of logits, in nats; or, with
/// probabilities p, of sum(p[i] (logsumexp(x[i]) - x[i])).
///   cross_entropy(x, labels, {.label_smoothing = 0.1, .ignore_index = 0})
/// Shapes:     x (n, k), labels (n) of an integer dtype, or probabilities (n, k) of x's dtype -> ()
/// Derivative: dx[i] = (softmax(x[i]) - onehot(label[i])) dy / n, or with sum(p[i]) and p[i] in it; none for labels;
///             dp[i] = (logsumexp(x[i]) - x[i]) dy / n
/// Accuracy:   4 ulp of the largest of |x| and |y|; rows are added in double
/// Saves:      the logsumexp of each row and its loss
/// Edge:       no rows that count give NaN, as PyTorch; a row of -inf, or with NaN, gives NaN
/// Throws:     ValueError for a label outside [0, k) that is not ignore_index, before anything is computed or written,
///             and for a smoothing outside [0, 1]; ShapeError when labels and rows differ in number; other ranks and
///             dtypes do not compile
/// Each:       cross_entropy_each gives the loss of each row, (n), PyTorch's reduction "none": 0 for rows that do not count,
///             dy[i] in the place of dy / n
template <bool Each> struct CrossEntropyOf {
  static constexpr std::string_view name = Each ? "cross_entropy_each" : "cross_entropy";
  static constexpr bool dense_operands = true;
  CrossEntropyOptions options;

  template <class X, class L> auto shape(Loc at, const X& x, const L&) const {
    if constexpr (Each) return Shape<X::pattern[0]>({x[0]}, at);
    else return Shape<>{};
  }
  template <class X, class L> Index saved_bytes(X x, L) const {
    return 3 * x.extent[0] * static_cast<Index>(sizeof(*x.data));
  }
  template <class Y, class X, class L> void forward(std::byte* saved, Y y, X x, L target) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    auto row = losses(reinterpret_cast<T*>(saved), x);
    if constexpr (Each) row.loss = y.data;
    const auto [sum, count] = kernel::cross_entropy(rows(x), target_of<T>(target), row);
    if constexpr (!Each)
      *y.data = options.reduction == Reduction::mean ? sum / T(static_cast<primal_t<T>>(count)) : sum;
  }
  template <class Y, class DY, class X, class L, class DX, class DL>
  void backward(const std::byte* saved, Y, DY dy, X x, L target, DX dx, DL dtarget) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    const auto t = target_of<T>(target);
    const auto row = losses(reinterpret_cast<const T*>(saved), x);
    Index count = 0;
    for (Index i = 0; i < x.extent[0] && !Each; ++i) count += t.counts(i);
    const bool mean = !Each && options.reduction == Reduction::mean;
    const T whole = mean ? *dy.data / T(static_cast<primal_t<T>>(count)) : T(0);
    const auto g = [=, d = dy.data](Index i) { return Each ? d[i] : mean ? whole : *d; };
    if (dx) kernel::cross_entropy_backward(rows(x), t, row, g, dx.data, dx.mode);
    if constexpr (decltype(t)::weighs) {
      if (!dtarget) return;
      for (Index i = 0; i < x.extent[0]; ++i) {
        const T scale = g(i) * T(static_cast<primal_t<T>>(1 - options.label_smoothing));
        for (Index j = 0; j < x.extent[1]; ++j)
          kernel::put(dtarget(i, j), (row.log_sum[i] - x(i, j)) * scale, dtarget.mode);
      }
    }
  }

 private:
  template <class X> static auto rows(X x) {
    return kernel::Rows<std::remove_cvref_t<decltype(*x.data)>>{x.extent[0], x.extent[1], x.data};
  }
  template <class T, class X> static kernel::RowLosses<T> losses(T* saved, X x) {
    return {saved, saved + x.extent[0], saved + 2 * x.extent[0]};
  }
  template <class T, class L> auto target_of(L target) const {
    const auto smoothing = static_cast<primal_t<T>>(options.label_smoothing);
    using E = std::remove_cvref_t<decltype(*target.data)>;
    if constexpr (std::is_integral_v<E>) return kernel::ClassTarget<T, E>{target.data, options.ignore_index, smoothing};
    else return kernel::ProbabilityTarget<T>{target.data, smoothing};
  }
};

namespace detail {

template <class S, class L> void check_target_rows(const S& x, const L& target, Loc at) {
  static_assert(S::rank == 2, "tenon::cross_entropy: logits are (rows, classes)");
  constexpr bool fits = [] {
    if constexpr (L::rank == 1) return may_equal(S::pattern[0], L::pattern[0]);
    else return may_be_same_shape<S, L>;
  }();
  if constexpr (!fits) (void)sizeof(shapes_do_not_match<S, L>);
  static_assert(fits,
                "tenon::cross_entropy: a label a row, or probabilities of the shape of the logits; both shapes "
                "stand in shapes_do_not_match<...> above");
  bool same = x[0] == target[0];
  if constexpr (L::rank == 2) same = same && x[1] == target[1];
  if (!same)
    throw ShapeError(at,
                     "tenon::cross_entropy: logits of shape " + to_string(x) + " but " +
                         (L::rank == 1 ? "labels" : "probabilities") + " of shape " + to_string(target),
                     "logits are (samples, classes); labels (samples,), probabilities of the shape of the logits");
}
TENON_COLD inline void refuse_label(Index label, Index row, Index classes, Loc at) {
  throw ValueError(at,
                   "tenon::cross_entropy: label " + std::to_string(label) + " at row " + std::to_string(row) +
                       " is outside [0, " + std::to_string(classes) + ")",
                   "labels count from 0; check the number of classes");
}
inline void check_smoothing(double smoothing, Loc at) {
  if (!(smoothing >= 0 && smoothing <= 1)) [[unlikely]]
    throw ValueError(at, "tenon::cross_entropy: label_smoothing is " + std::to_string(smoothing) + ", outside [0, 1]",
                     "give 0 for none, or for example 0.1");
}

}  // namespace detail

namespace detail {

template <bool Each, tensor_like X, tensor_like L>
auto cross_entropy_of(X&& x, L&& target, const CrossEntropyOptions& options, Loc at) {
  using Op = CrossEntropyOf<Each>;
  using I = dtype_of_t<L>;
  static_assert(std::is_floating_point_v<primal_t<dtype_of_t<X>>>,
                "tenon::cross_entropy: logits are float or double; write cast<float>(x)");
  constexpr bool labels = std::is_integral_v<I> && !std::is_same_v<I, bool>;
  if constexpr (shape_of_t<L>::rank == 1)
    static_assert(labels, "tenon::cross_entropy: labels are integers, one class a row");
  detail::check_target_rows(x.shape(), target.shape(), at);
  detail::check_smoothing(options.label_smoothing, at);
  if constexpr (labels) {
    const Index classes = x.shape()[1];
    auto known = detail::dense_indices(Op::name, std::forward<L>(target), at);
    const auto* label = known.evaluated(at).data();
    for (Index i = 0, n = known.shape().size(); i < n; ++i)
      if (const auto c = static_cast<Index>(label[i]); (c < 0 || c >= classes) && c != options.ignore_index)
          [[unlikely]]
        detail::refuse_label(c, i, classes, at);
    return structured(Op{options}, at, std::forward<X>(x), std::move(known));
  } else {
    using T = common_dtype_t<dtype_of_t<X>, I>;
    static_assert(std::is_floating_point_v<primal_t<T>>,
                  "tenon::cross_entropy: labels are integers, or probabilities of the dtype of the logits");
    return structured(Op{options}, at, lift_operand<T>(std::forward<X>(x)), lift_operand<T>(std::forward<L>(target)));
  }
}
template <class I> Tensor<I, dyn> labels_of(const std::vector<I>& labels, Loc at) {
  return Uninit<I, dyn>(Shape<dyn>(labels.size()), at).init_with([&](Index i) {
    return labels[static_cast<std::size_t>(i)];
  });
}

}  // namespace detail

/// target: a tensor, view, value or expression; integers are labels, x's dtype probabilities.
template <tensor_like X, tensor_like L>
auto cross_entropy(X&& x, L&& target, CrossEntropyOptions options = {}, Loc at = Loc::current()) {
  return detail::cross_entropy_of<false>(std::forward<X>(x), std::forward<L>(target), options, at);
}
/// Labels in a vector: copied, which takes memory; a Tensor is read in place.
template <tensor_like X, class I>
auto cross_entropy(X&& x, const std::vector<I>& labels, CrossEntropyOptions options = {}, Loc at = Loc::current()) {
  return cross_entropy(std::forward<X>(x), detail::labels_of(labels, at), options, at);
}
/// The loss of each row; the option `reduction` has no meaning here.
template <tensor_like X, tensor_like L>
auto cross_entropy_each(X&& x, L&& target, CrossEntropyOptions options = {}, Loc at = Loc::current()) {
  return detail::cross_entropy_of<true>(std::forward<X>(x), std::forward<L>(target), options, at);
}
template <tensor_like X, class I>
auto cross_entropy_each(X&& x, const std::vector<I>& labels, CrossEntropyOptions options = {},
                        Loc at = Loc::current()) {
  return cross_entropy_each(std::forward<X>(x), detail::labels_of(labels, at), options, at);
}

}  // namespace tenon::inline TENON_ABI
