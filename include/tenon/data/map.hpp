// Augmentation: a data set whose samples pass through a function each time they are read.
#pragma once

#include "tenon/data/dataset.hpp"

namespace tenon::inline TENON_ABI::data {

/// A set seen through a function; made by map().
template <class Source, class F> class Mapped {
 public:
  using features_type = typename Source::features_type;
  using labels_type = typename Source::labels_type;
  using Place = typename Source::Place;
  using Sample = typename detail::RowsOf<features_type>::Mut;

  Mapped(Source source, F f) : source_(std::move(source)), f_(std::move(f)) {}

  Index size() const { return source_.size(); }
  Index classes() const { return source_.classes(); }
  auto sample_shape() const { return source_.sample_shape(); }
  auto label_shape() const { return source_.label_shape(); }

  /// For batches: copies sample i and changes the copy. `epoch` is the same for all samples of an epoch.
  void read(Index i, const Place& to, const Rng& epoch) const {
    source_.read(i, to, epoch.fork("source"));
    const auto shape = sample_shape();
    Sample sample(to.sample, shape, row_major(shape), to.borrow.part());
    if constexpr (std::is_invocable_v<const F&, Sample, Rng&>) {
      Rng rng = epoch.fork(static_cast<std::uint64_t>(i));
      f_(std::move(sample), rng);
    } else {
      static_assert(
          std::is_invocable_v<const F&, Sample>,
          "tenon::data::map: the function takes a sample as MutView, and an Rng& if it draws: f(sample, rng)");
      f_(std::move(sample));
    }
  }

 private:
  Source source_;
  F f_;
};

/// The set with f(sample, rng), or f(sample), applied to each sample as it is copied into a batch; `sample` is a
/// MutView of that copy, so the set itself does not change. rng belongs to that sample in that epoch: what f draws
/// depends on the generator given to batches(), the epoch and the sample's place in the set, not on order, batch size
/// or threads; read in order (without a generator) it is the same every time. `batches(map(train_set, [](auto image,
/// tn::Rng& r) { image *= 1 + 0.1f * r.normal(); }), 64, rng)`
template <class Set, class F> auto map(Set&& set, F f, Loc at = Loc::current()) {
  auto source = detail::borrowed(std::forward<Set>(set), at);
  return Mapped<decltype(source), F>(std::move(source), std::move(f));
}

}  // namespace tenon::inline TENON_ABI::data
