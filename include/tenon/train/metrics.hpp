// How good the predictions are: accuracy and the confusion matrix.
#pragma once

#include <cstdint>
#include <cstdio>
#include <vector>

#include "tenon/tensor/product.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI::train {

namespace detail {

/// Elements of a tensor, view, value or expression, and what keeps them alive meanwhile.
template <class X> class Elements {
  using Named = decltype(eval(std::declval<const X&>(), Loc{}));

 public:
  Elements(const X& x, Loc at) : named_(eval(x, at)) { named_.evaluated(at).check("train::metrics", at); }
  auto span() const { return span_of(named_.evaluated()); }

 private:
  Named named_;
};

/// The first largest of row i; NaN counts as larger than any number, as in argmax.
template <class T> Index largest_in_row(const Span<T, 2>& x, Index i) {
  Index best = 0;
  for (Index j = 1; j < x.extent[1]; ++j) {
    const auto top = x(i, best), v = x(i, j);
    if (top == top && !(v <= top)) best = j;
  }
  return best;
}

/// Calls f(prediction, label) for each row of scores (n, classes), or each of n predicted classes.
template <class P, class Y, class F> void for_each_prediction(const P& predicted, const Y& labels, Loc at, F f) {
  constexpr int rank = shape_of_t<P>::rank;
  static_assert(rank == 2 || (rank == 1 && std::is_integral_v<dtype_of_t<P>>),
                "tenon::train: predictions are scores (n, classes) or integer classes (n)");
  static_assert(shape_of_t<Y>::rank == 1 && std::is_integral_v<dtype_of_t<Y>>, "tenon::train: labels are integers (n)");
  if (predicted.shape()[0] != labels.shape()[0])
    throw ShapeError(at,
                     "tenon::train: predictions of shape " + to_string(predicted.shape()) + " but labels of shape " +
                         to_string(labels.shape()),
                     "give one prediction, or one row of scores, for each label");
  const Elements<P> p(predicted, at);
  const Elements<Y> y(labels, at);
  const auto ps = p.span();
  const auto ys = y.span();
  for (Index i = 0; i < ys.extent[0]; ++i) {
    if constexpr (rank == 2) f(ps.extent[1] > 0 ? largest_in_row(ps, i) : Index{-1}, static_cast<Index>(ys(i)));
    else f(static_cast<Index>(ps(i)), static_cast<Index>(ys(i)));
  }
}
}  // namespace detail

/// How many predictions are right. Predictions are scores (n, classes), of which the first largest counts, or classes
/// (n): tensors, views, values or expressions. Throws ShapeError unless there is a label for each.
template <tensor_like P, tensor_like Y>
Index correct_count(const P& predicted, const Y& labels, Loc at = Loc::current()) {
  Index correct = 0;
  detail::for_each_prediction(predicted, labels, at, [&](Index p, Index y) { correct += p == y; });
  return correct;
}
/// The share of them, in [0, 1]; NaN of none.
template <tensor_like P, tensor_like Y> double accuracy(const P& predicted, const Y& labels, Loc at = Loc::current()) {
  return static_cast<double>(correct_count(predicted, labels, at)) / static_cast<double>(labels.shape()[0]);
}

/// Counts, for each class, what its samples were taken for.
class ConfusionMatrix {
 public:
  /// Throws ValueError unless classes >= 1.
  explicit ConfusionMatrix(Index classes, Loc at = Loc::current()) : ConfusionMatrix({}, classes, at) {}
  /// With a name for each class.
  explicit ConfusionMatrix(std::vector<std::string> names, Loc at = Loc::current())
      : ConfusionMatrix(std::move(names), 0, at) {}

  /// One sample. Throws ValueError when one of them is no class.
  void add(Index predicted, Index label, Loc at = Loc::current()) {
    if (predicted < 0 || predicted >= classes_ || label < 0 || label >= classes_)
      throw ValueError(at,
                       "tenon::train::ConfusionMatrix: class " + std::to_string(label) + " taken for " +
                           std::to_string(predicted) + ", of " + std::to_string(classes_) + " classes",
                       "classes count from 0 and are below the number that the constructor got");
    ++counts_[index(label, predicted)];
  }
  /// A batch: predictions and labels as for correct_count.
  template <tensor_like P, tensor_like Y> void add(const P& predicted, const Y& labels, Loc at = Loc::current()) {
    detail::for_each_prediction(predicted, labels, at, [&](Index p, Index y) { add(p, y, at); });
  }

  Index classes() const { return classes_; }
  /// Samples of class `label` that were taken for `predicted`. Pre: both are classes
  Index operator()(Index label, Index predicted) const { return counts_[index(label, predicted)]; }
  Index total() const {
    Index n = 0;
    for (Index c : counts_) n += c;
    return n;
  }
  Index correct() const {
    Index n = 0;
    for (Index k = 0; k < classes_; ++k) n += (*this)(k, k);
    return n;
  }
  /// Shares in [0, 1]; NaN where there is nothing to divide by.
  double accuracy() const { return share(correct(), total()); }
  /// Of the samples of class k, how many were recognised.
  double recall(Index k) const {
    Index n = 0;
    for (Index p = 0; p < classes_; ++p) n += (*this)(k, p);
    return share((*this)(k, k), n);
  }
  /// Of the samples taken for class k, how many were of it.
  double precision(Index k) const {
    Index n = 0;
    for (Index y = 0; y < classes_; ++y) n += (*this)(y, k);
    return share((*this)(k, k), n);
  }

  /// A table: one row a class, one column a prediction, recall at the right and precision below, "." for 0.
  TENON_COLD std::string to_string() const {
    const std::size_t first = name_width(), column = count_width();
    std::string s = padded("", first) + " |";
    for (Index k = 0; k < classes_; ++k) s += right(std::to_string(k), column);
    s += " | recall\n" + rule(first, column);
    for (Index y = 0; y < classes_; ++y) {
      s += padded(name(y), first) + " |";
      for (Index p = 0; p < classes_; ++p) s += right((*this)(y, p) == 0 ? "." : std::to_string((*this)(y, p)), column);
      s += " |" + right(percent(recall(y)), 7) + "\n";
    }
    s += rule(first, column) + padded("precision", first) + " |";
    for (Index k = 0; k < classes_; ++k) s += right(percent(precision(k)), column);
    return s + " |" + right(percent(accuracy()), 7) + "\n";
  }

 private:
  ConfusionMatrix(std::vector<std::string> names, Index classes, Loc at)
      : names_(std::move(names)), classes_(names_.empty() ? classes : static_cast<Index>(names_.size())) {
    if (classes_ < 1)
      throw ValueError(at, "tenon::train::ConfusionMatrix: " + std::to_string(classes_) + " classes",
                       "give at least 1");
    counts_.resize(static_cast<std::size_t>(checked_size(std::array{classes_, classes_}, sizeof(Index), at)));
  }
  std::size_t index(Index label, Index predicted) const {
    return static_cast<std::size_t>(label * classes_ + predicted);
  }
  static double share(Index part, Index whole) { return static_cast<double>(part) / static_cast<double>(whole); }

  // ---- the table
  TENON_COLD static std::string percent(double x) {
    if (!(x >= 0)) return "-";
    if (x >= 0.9995) return x < 1 ? "99.9" : "100";
    char text[16];
    std::snprintf(text, sizeof text, "%.1f", 100 * x);
    return text;
  }
  TENON_COLD static std::string padded(const std::string& s, std::size_t width) {
    return s + std::string(s.size() < width ? width - s.size() : 0, ' ');
  }
  TENON_COLD static std::string right(const std::string& s, std::size_t width) {
    return std::string(s.size() < width ? width - s.size() : 0, ' ') + s;
  }
  /// "3" or "3 Dress".
  TENON_COLD std::string name(Index k) const {
    const std::string number = std::to_string(k);
    return names_.empty() ? number : number + " " + names_[static_cast<std::size_t>(k)];
  }
  TENON_COLD std::size_t name_width() const {
    std::size_t w = 9;  // "precision"
    for (Index k = 0; k < classes_; ++k) w = name(k).size() > w ? name(k).size() : w;
    return w;
  }
  TENON_COLD std::size_t count_width() const {
    Index most = 0;
    for (Index c : counts_) most = c > most ? c : most;
    const std::size_t digits = std::to_string(most).size() + 1;
    return digits < 5 ? 5 : digits;  // " 99.9"
  }
  TENON_COLD std::string rule(std::size_t first, std::size_t column) const {
    return std::string(first + 1, '-') + "+" + std::string(column * static_cast<std::size_t>(classes_) + 1, '-') +
           "+-------\n";
  }

  std::vector<std::string> names_;
  Index classes_;
  std::vector<Index> counts_;
};

}  // namespace tenon::inline TENON_ABI::train
