// Labelled data sets: Dataset owns samples and labels, Subset borrows some of them.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "tenon/base/random.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI::data {

/// Classes are numbered from 0.
using Labels = Tensor<std::int32_t, dyn>;

namespace detail {
template <class> inline constexpr bool always_false = false;

/// One row of a Tensor<T, dyn, E...>: a sample, of shape (E...).
template <class X> struct RowsOf {
  static_assert(always_false<X>, "tenon::data: samples are the rows of a Tensor<T, tenon::dyn, ...>");
};
template <class T, Index... E> struct RowsOf<Tensor<T, dyn, E...>> {
  using dtype = T;
  using sample_shape = Shape<E...>;
  using Whole = View<T, dyn, E...>;
  using Mut = MutView<T, E...>;
  template <Index N> using Batch = Tensor<T, N, E...>;

  template <class Rows> static sample_shape sample(const Rows& rows) {
    typename sample_shape::Extents e{};
    for (std::size_t d = 0; d < e.size(); ++d) e[d] = rows.shape()[static_cast<int>(d) + 1];
    return sample_shape(e);
  }
};

/// Where one sample and its label are to be written, and the open borrow of the sample's storage.
template <class X, class Y> struct Place {
  typename RowsOf<X>::dtype* sample;
  typename RowsOf<Y>::dtype* label;
  const memory::ExclusiveBorrow& borrow;
};

template <class Rows, class T> void copy_row(const Rows& rows, Index row, Index n, T* to) {
  if (n > 0) std::memcpy(to, rows.data(Loc{}) + row * n, static_cast<std::size_t>(n) * sizeof(T));
}

/// The number of classes, at least 1 + the largest label. Throws ValueError for a label outside [0, classes).
inline Index checked_classes(const Labels& labels, Index classes, Loc at) {
  Index most = 0;
  for (const std::int32_t* p = labels.begin(); p != labels.end(); ++p) {
    const Index label = *p;
    if (label < 0 || (classes > 0 && label >= classes))
      throw ValueError(at,
                       "tenon::data::Dataset: sample " + std::to_string(p - labels.begin()) + " has label " +
                           std::to_string(label) + (label < 0 ? "" : " of " + std::to_string(classes) + " classes"),
                       "labels count from 0 and are below the number of classes");
    most = label + 1 > most ? label + 1 : most;
  }
  return classes > 0 ? classes : most;
}
}  // namespace detail

template <class X, class Y = Labels> class Dataset;

/// Some samples of a Dataset, or all, in an order of their own: indices, no copies. A borrow like any View: an error
/// once the Dataset is gone or while it is being written.
template <class X, class Y> class Subset {
 public:
  using features_type = X;
  using labels_type = Y;
  using Place = detail::Place<X, Y>;

  /// All of a data set.
  explicit Subset(const Dataset<X, Y>& set, Loc at = Loc::current())
      : features_(set.features().view(at)), labels_(set.labels().view(at)), classes_(set.classes()), all_(true) {}
  /// Samples rows[0], rows[1]... of `base`.
  Subset(const Subset& base, std::vector<Index> rows)
      : features_(base.features_), labels_(base.labels_), rows_(std::move(rows)), classes_(base.classes_) {
    for (Index& r : rows_) r = base.row(r);
  }

  Index size() const { return all_ ? features_.shape()[0] : static_cast<Index>(rows_.size()); }
  /// 0 when the labels are no class numbers.
  Index classes() const { return classes_; }
  /// Where sample i stands in the Dataset. Pre: 0 <= i < size()
  Index row(Index i) const { return all_ ? i : rows_[static_cast<std::size_t>(i)]; }
  auto sample_shape() const { return detail::RowsOf<X>::sample(features_); }
  auto label_shape() const { return detail::RowsOf<Y>::sample(labels_); }
  /// A View of sample i. Throws ShapeError when i is not in [0, size()).
  auto sample(Index i, Loc at = Loc::current()) const { return features_.at(at, checked(i, at), ellipsis); }
  /// Label i: a number, or a View when a label is more than one.
  auto label(Index i, Loc at = Loc::current()) const { return pick(labels_, checked(i, at), at); }

  /// For batches: copies sample i and its label.
  void read(Index i, const Place& to, const Rng&) const {
    detail::copy_row(features_, row(i), sample_shape().size(), to.sample);
    detail::copy_row(labels_, row(i), label_shape().size(), to.label);
  }

 private:
  template <class V> static auto pick(const V& v, Index r, Loc at) {
    if constexpr (V::shape_type::rank == 1) return v.at(at, r);
    else return v.at(at, r, ellipsis);
  }
  Index checked(Index i, Loc at) const {
    if (i < 0 || i >= size())
      throw ShapeError(at, "tenon::data: sample " + std::to_string(i) + " of " + std::to_string(size()),
                       "samples count from 0 and are below size()");
    return row(i);
  }
  typename detail::RowsOf<X>::Whole features_;
  typename detail::RowsOf<Y>::Whole labels_;
  std::vector<Index> rows_;
  Index classes_;
  bool all_ = false;
};

/// Owns samples, the rows of a Tensor<T, dyn, E...>, and a label for each: class numbers (Labels), or for regression
/// the rows of another tensor. Move-only; clone() copies. Moving it leaves its batches and subsets valid.
template <class X, class Y> class Dataset {
 public:
  using features_type = X;
  using labels_type = Y;
  static constexpr bool is_classified = std::is_same_v<Y, Labels>;

  /// Throws ShapeError unless there are as many labels as samples.
  Dataset(X features, Y labels, Loc at = Loc::current()) : features_(std::move(features)), labels_(std::move(labels)) {
    check_counts(at);
    if constexpr (is_classified) classes_ = detail::checked_classes(labels_, 0, at);
  }
  /// Also throws ValueError for a label outside [0, classes), naming the sample; without `classes` they are 1 + the
  /// largest label.
  Dataset(X features, Y labels, Index classes, Loc at = Loc::current()) requires is_classified
      : features_(std::move(features)),
        labels_(std::move(labels)) {
    check_counts(at);
    if (classes < 1)
      throw ValueError(at, "tenon::data::Dataset: " + std::to_string(classes) + " classes", "give at least 1");
    classes_ = detail::checked_classes(labels_, classes, at);
  }

  Index size() const { return features_.shape()[0]; }
  /// 0 when the labels are no class numbers.
  Index classes() const { return classes_; }
  const X& features() const& { return features_; }
  const Y& labels() const& { return labels_; }
  /// For scaling in place: `set.mut_features() = (set.features() - mean) / deviation`.
  auto mut_features(Loc at = Loc::current()) & { return features_.mut(at); }
  auto sample(Index i, Loc at = Loc::current()) const& { return subset(at).sample(i, at); }
  auto label(Index i, Loc at = Loc::current()) const& { return subset(at).label(i, at); }
  Dataset clone(Loc at = Loc::current()) const {
    Dataset copy(features_.clone(at), labels_.clone(at), at);
    copy.classes_ = classes_;
    return copy;
  }
  /// All of it, borrowed.
  Subset<X, Y> subset(Loc at = Loc::current()) const& TENON_LIFETIMEBOUND { return Subset<X, Y>(*this, at); }
  Subset<X, Y> subset(Loc at = Loc::current()) const&& = delete;

 private:
  void check_counts(Loc at) const {
    if (features_.shape()[0] != labels_.shape()[0])
      throw ShapeError(at,
                       "tenon::data::Dataset: " + std::to_string(features_.shape()[0]) + " samples but " +
                           std::to_string(labels_.shape()[0]) + " labels",
                       "give one label a sample; check that both come from the same files");
  }
  X features_;
  Y labels_;
  Index classes_ = 0;
};

namespace detail {
template <class> inline constexpr bool is_dataset_v = false;
template <class X, class Y> inline constexpr bool is_dataset_v<Dataset<X, Y>> = true;

/// A set as something to keep: a Dataset is borrowed, what borrows already is copied or moved.
template <class Set> auto borrowed(Set&& set, Loc at) {
  using S = std::remove_cvref_t<Set>;
  static_assert(!is_dataset_v<S> || std::is_lvalue_reference_v<Set>,
                "tenon::data: the data set is a temporary and would be gone before its first sample is read; give it a "
                "name first");
  if constexpr (is_dataset_v<S>) return set.subset(at);
  else return S(std::forward<Set>(set));
}

template <class Set> auto split_at(Set&& set, Index first, Rng& rng, Loc at) {
  const auto base = borrowed(std::forward<Set>(set), at);
  using Part = std::remove_cvref_t<decltype(base)>;
  if (first < 0 || first > base.size())
    throw ValueError(at, "tenon::data::split: " + std::to_string(first) + " samples of " + std::to_string(base.size()),
                     "give a number of samples between 0 and all, or a fraction between 0.0 and 1.0");
  std::vector<Index> order(static_cast<std::size_t>(base.size()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  rng.next().shuffle(order.data(), base.size());
  std::vector<Index> tail(order.begin() + first, order.end());
  order.resize(static_cast<std::size_t>(first));
  return std::pair<Part, Part>(Part(base, std::move(order)), Part(base, std::move(tail)));
}
}  // namespace detail

/// Two parts without a common sample, drawn at random, the first of `count` samples:
/// `auto [train, held_out] = split(set, 1400, rng)`. The parts borrow from the set. Takes one position of rng.
/// Throws ValueError when count is not in [0, size].
template <class Set, std::integral Count> auto split(Set&& set, Count count, Rng& rng, Loc at = Loc::current()) {
  return detail::split_at(std::forward<Set>(set), static_cast<Index>(count), rng, at);
}
/// The same by the first part's share of all samples, rounded to the nearest count. Throws ValueError unless in [0, 1].
template <class Set, std::floating_point Fraction>
auto split(Set&& set, Fraction fraction, Rng& rng, Loc at = Loc::current()) {
  if (!(fraction >= 0 && fraction <= 1))
    throw ValueError(at, "tenon::data::split: a fraction of " + std::to_string(fraction),
                     "give one between 0.0 and 1.0, or a whole number of samples");
  const auto samples = static_cast<double>(set.size());
  return detail::split_at(std::forward<Set>(set), static_cast<Index>(static_cast<double>(fraction) * samples + 0.5),
                          rng, at);
}

}  // namespace tenon::inline TENON_ABI::data
