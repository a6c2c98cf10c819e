// Batches: samples gathered into one tensor after another, in order or shuffled.
#pragma once

#include <optional>

#include "tenon/data/dataset.hpp"

namespace tenon::inline TENON_ABI::data {

/// Some samples and their labels, one row each, lent until the next batch: `auto [images, labels] = batch`. What is
/// kept longer must be cloned; a view of it that is used later is an error, not other samples.
template <class X, class Y> struct Batch {
  const X& features;
  const Y& labels;
  /// Number of samples.
  Index size() const { return features.shape()[0]; }
};

namespace detail {

/// The same bytes for a batch after another. Each time they are published as a new tensor with a new stamp, which ends
/// every handle to the one before.
template <class X> class Buffer;
template <class T, Index N, Index... E> class Buffer<Tensor<T, N, E...>> {
 public:
  using X = Tensor<T, N, E...>;
  Buffer(Index rows, const Shape<E...>& sample, Loc at) : sample_(sample), storage_(bytes(extents(rows), at), at) {}

  /// Refused while an open Step or Scope was lent the batch.
  memory::ExclusiveBorrow open(Loc at) { return {storage_.stamp(), "data::batches", at}; }
  T* row(Index i) { return static_cast<T*>(storage_.bytes()) + i * sample_.size(); }
  /// Pre: open()'s borrow has ended.
  void publish(Index rows) {
    tensor_.reset();
    memory::Cell& c = storage_.cell();
    storage_ = memory::Storage::share({&c, c.renew()});
    tensor_.emplace(storage_, Shape<N, E...>(extents(rows)));
  }
  const X& tensor() const { return *tensor_; }

 private:
  static Index bytes(const typename Shape<N, E...>::Extents& e, Loc at) {
    return checked_size(e, sizeof(T), at) * static_cast<Index>(sizeof(T));
  }
  typename Shape<N, E...>::Extents extents(Index rows) const {
    typename Shape<N, E...>::Extents e{rows};
    for (std::size_t d = 1; d < e.size(); ++d) e[d] = sample_[static_cast<int>(d) - 1];
    return e;
  }
  [[no_unique_address]] Shape<E...> sample_;
  memory::Storage storage_;
  std::optional<X> tensor_;
};
}  // namespace detail

/// What batches() gives: a range of Batch. Each begin() is an epoch, shuffled anew when there is a generator. Two loops
/// over one object at the same time are not possible; two objects are.
template <class Set, Index N> class Batches {
  using X = typename detail::RowsOf<typename Set::features_type>::template Batch<N>;
  using Y = typename detail::RowsOf<typename Set::labels_type>::template Batch<N>;

 public:
  using value_type = Batch<X, Y>;

  Batches(Set set, Index batch_size, std::optional<Rng> rng, Loc at)
      : set_(std::move(set)),
        rng_(rng),
        batch_(checked(batch_size, set_.size(), at)),
        at_(at),
        features_(held(), set_.sample_shape(), at),
        labels_(held(), set_.label_shape(), at) {
    if (rng_) order_.resize(static_cast<std::size_t>(set_.size()));
  }
  Batches(const Batches&) = delete;

  /// Batches in an epoch; samples in an epoch (fewer than the set has when the last batch is dropped).
  Index count() const { return N == dyn ? (set_.size() + batch_ - 1) / batch_ : set_.size() / batch_; }
  Index samples() const { return N == dyn ? set_.size() : count() * batch_; }
  Index batch_size() const { return batch_; }

  struct End {};
  class Iterator {
   public:
    using value_type = Batches::value_type;
    using difference_type = Index;
    value_type operator*() const { return {batches_->features_.tensor(), batches_->labels_.tensor()}; }
    Iterator& operator++() {
      batches_->load();
      return *this;
    }
    void operator++(int) { batches_->load(); }
    bool operator==(End) const { return batches_->done_; }

   private:
    friend class Batches;
    explicit Iterator(Batches& b) : batches_(&b) {}
    Batches* batches_;
  };
  /// Begins an epoch. Throws OwnershipError when the set is gone, or a Step that was lent the last batch is still open.
  Iterator begin() & {
    if (rng_) {
      before_ = rng_->state();
      epoch_ = rng_->next();
      for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<Index>(i);
      epoch_.fork("order").shuffle(order_.data(), set_.size());
    }
    next_ = std::exchange(resume_at_, 0);
    load();
    return Iterator(*this);
  }
  End end() & { return {}; }

  /// Where the loop stands, for checkpoints: after the batch that is out, or between two epochs. After set_state the
  /// next begin() goes on from there: it shuffles as that epoch did, and leaves out the batches it had given.
  struct State {
    std::uint64_t seed, position;  ///< of the generator, before the epoch
    Index next;                    ///< the epoch's first sample that no batch had
    Index samples, batch_size;
    bool shuffled;
  };
  State state() const {
    const Rng::State r = !rng_ ? Rng::State{} : done_ ? rng_->state() : before_;
    return {r.seed, r.position, done_ ? resume_at_ : next_, set_.size(), batch_, rng_.has_value()};
  }
  /// Throws ValueError unless s is of a set and batches of these sizes, shuffled when this is.
  void check_state(const State& s, Loc at = Loc::current()) const {
    if (s.samples != set_.size() || s.batch_size != batch_ || s.shuffled != rng_.has_value() || s.next < 0 ||
        s.next > samples())
      refuse_state(s, at);
  }
  /// Throws as check_state does. Ends a loop that is under way.
  void set_state(const State& s, Loc at = Loc::current()) {
    check_state(s, at);
    if (rng_) rng_->set_state({s.seed, s.position});
    resume_at_ = s.next;
    next_ = samples();
    done_ = true;
  }

 private:
  static Index checked(Index batch, Index samples, Loc at) {
    if (batch < 1)
      throw ValueError(at, "tenon::data::batches: the batch size is " + std::to_string(batch), "give at least 1");
    if (N != dyn && samples < batch)
      throw ValueError(at,
                       "tenon::data::batches: " + std::to_string(samples) + " samples make no batch of " +
                           std::to_string(batch) + ", and an incomplete one is dropped",
                       "use a smaller batch, or batches(set, n), which keeps it");
    return batch;
  }
  TENON_COLD void refuse_state(const State& s, Loc at) const {
    const auto words = [](Index samples, Index batch, bool shuffled) {
      return std::to_string(samples) + " samples, " + std::to_string(batch) + " a batch, " +
             (shuffled ? "shuffled" : "in order");
    };
    throw ValueError(at,
                     "tenon::data::Batches: the position " + std::to_string(s.next) + " is one among " +
                         words(s.samples, s.batch_size, s.shuffled) + ", but these are " +
                         words(set_.size(), batch_, rng_.has_value()),
                     "resume with the data and the batch size that the checkpoint was made with");
  }
  /// Rows to have room for: no more than there are samples.
  Index held() const { return N != dyn || batch_ < set_.size() ? batch_ : set_.size(); }

  void load() {
    const Index left = samples() - next_, rows = left < batch_ ? left : batch_;
    done_ = rows <= 0;
    if (done_) return;
    {
      const auto writes = features_.open(at_), writes_too = labels_.open(at_);
      for (Index i = 0; i < rows; ++i) {
        const Index sample = rng_ ? order_[static_cast<std::size_t>(next_ + i)] : next_ + i;
        set_.read(sample, {features_.row(i), labels_.row(i), writes}, epoch_);
      }
    }
    features_.publish(rows);
    labels_.publish(rows);
    next_ += rows;
  }

  Set set_;
  std::optional<Rng> rng_;
  Rng epoch_{0};
  Rng::State before_;  // rng_ when the epoch began
  Index batch_;
  Loc at_;
  detail::Buffer<X> features_;
  detail::Buffer<Y> labels_;
  std::vector<Index> order_;
  Index next_ = 0, resume_at_ = 0;
  bool done_ = true;
};

/// The samples in random order, `size` at a time, the last batch smaller:
/// `for (auto [images, labels] : batches(train_set, 64, rng))`. Images are a Tensor<T, dyn, ...>.
/// Takes one position of rng a call, so each call shuffles differently; so does each pass over one object. Memory is
/// taken by this call only: an object kept over several epochs, as any batch but the first, allocates nothing.
/// The set is borrowed: a temporary Dataset does not compile. Throws ValueError when size < 1.
template <class Set> auto batches(Set&& set, Index size, Rng& rng, Loc at = Loc::current()) {
  auto source = detail::borrowed(std::forward<Set>(set), at);
  return Batches<decltype(source), dyn>(std::move(source), size, rng.next(), at);
}
/// In order.
template <class Set> auto batches(Set&& set, Index size, Loc at = Loc::current()) {
  auto source = detail::borrowed(std::forward<Set>(set), at);
  return Batches<decltype(source), dyn>(std::move(source), size, std::nullopt, at);
}
/// The number of rows known to the compiler: Tensor<T, N, ...>; samples beyond the last whole batch are left out
/// (others in each epoch). Throws ValueError when there are fewer than N.
template <Index N, class Set> auto batches(Set&& set, Rng& rng, Loc at = Loc::current()) {
  static_assert(N > 0, "tenon::data::batches: a batch has at least one sample");
  auto source = detail::borrowed(std::forward<Set>(set), at);
  return Batches<decltype(source), N>(std::move(source), N, rng.next(), at);
}
template <Index N, class Set> auto batches(Set&& set, Loc at = Loc::current()) {
  static_assert(N > 0, "tenon::data::batches: a batch has at least one sample");
  auto source = detail::borrowed(std::forward<Set>(set), at);
  return Batches<decltype(source), N>(std::move(source), N, std::nullopt, at);
}

}  // namespace tenon::inline TENON_ABI::data
