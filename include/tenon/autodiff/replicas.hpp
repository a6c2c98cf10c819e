// Replicas of a net: they read its parameters and have gradients of their own, so that several threads compute the
// gradients of one step, each of its part of the batch.
#pragma once

#include "tenon/autodiff/twin.hpp"
#include "tenon/kernel/add_in_order.hpp"

namespace tenon::inline TENON_ABI {

/// n modules like `net`, each for one thread at a time (spawn hands them over). Their parameters read the elements that
/// net's have, without a copy, now and after each update of net; their gradients are their own. Tensors that are no
/// parameters (running statistics) are cloned; what replicas make of theirs does not come back.
///
/// While a replica is on another thread, or an open frame reads it, net cannot be written: update(net) is an error that
/// says so. A replica is never written. Either may end first.
/// Throws ValueError for n < 1, OwnershipError when net is on another thread or a replica itself.
/// Cost: the memory of n gradients; an atomic count a parameter.
template <class M> std::vector<M> replicas(M& net, Index n, Loc at = Loc::current()) {
  if (n < 1)
    throw ValueError(at, "tenon::replicas: " + std::to_string(n) + " replicas",
                     "ask for as many as the batch has parts");
  const auto make = [at](const auto& x) {
    if constexpr (is_parameter_v<std::remove_cvref_t<decltype(x)>>) return x.replica(at);
    else return x.clone(at);
  };
  const detail::Twin twin(make);
  std::vector<M> made;
  made.reserve(static_cast<std::size_t>(n));
  for (Index k = 0; k < n; ++k) made.push_back(twin(std::as_const(net)));
  return made;
}

namespace detail {
/// Which gradients belong together. Nothing is changed before all have been found; run() does not fail.
class Merge {
  template <class T> struct Row {
    autodiff::ParameterRef<T> net;
    std::vector<const T*> gradients;
    std::vector<autodiff::ParameterSlot*> slots;  // of those
  };

 public:
  explicit Merge(Loc at) : at_(at) {}
  template <class M> void add_net(M& net) {
    for_each_parameter(net, [&](const Path&, auto& p) {
      check(p.ref());
      rows<dtype_of_t<decltype(p)>>().push_back({p.ref(), {}, {}});
    });
  }
  template <class M> void add_replica(M& replica) {
    std::size_t next[2] = {};
    for_each_parameter(replica, [&](const Path& path, auto& p) {
      using T = dtype_of_t<decltype(p)>;
      check(p.ref());
      auto& known = rows<T>();
      std::size_t& i = next[std::is_same_v<T, double>];
      if (i >= known.size() || !known[i].net.is_read_by(p.ref())) refuse(path);
      add(known[i++], p.ref());
    });
    if (next[0] != float_.size() || next[1] != double_.size())
      throw OwnershipError(at_, "tenon::merge_gradients: a replica has fewer parameters than the net",
                           "give the net and what replicas(net, n) made of it, unchanged");
  }
  void run() noexcept {
    for (auto& row : float_) run(row);
    for (auto& row : double_) run(row);
  }

 private:
  template <class T> auto& rows() {
    if constexpr (std::is_same_v<T, float>) return float_;
    else return double_;
  }
  /// Throws when its gradient is not this thread's to change. A gradient that was put off is there then.
  template <class T> [[gnu::noinline]] void check(const autodiff::ParameterRef<T>& p) const {
    p.refuse_held("merge_gradients", at_);
    memory::check(p.gradient_stamp(), "merge_gradients", at_);
    if (p.has_gradient()) (void)p.gradient(at_);
  }
  [[noreturn]] TENON_COLD void refuse(const Path& path) const {
    throw OwnershipError(at_, "tenon::merge_gradients: parameter '" + path.str() + "' is no replica of this net's",
                         "give the net and what replicas(net, n) made of it");
  }
  template <class T> static void add(Row<T>& row, const autodiff::ParameterRef<T>& p) {
    if (!p.has_gradient()) return;
    row.gradients.push_back(static_cast<const T*>(p.slot()->gradient));
    row.slots.push_back(p.slot());
  }
  template <class T> [[gnu::noinline]] static void run(Row<T>& row) noexcept {
    if (row.gradients.empty()) return;
    autodiff::ParameterSlot& sum = *row.net.slot();
    kernel::add_in_order(row.net.size(), static_cast<T*>(sum.gradient), row.gradients.data(),
                         static_cast<Index>(row.gradients.size()), sum.written);
    sum.written = true;
    for (autodiff::ParameterSlot* s : row.slots) s->written = false;
  }

  Loc at_;
  std::vector<Row<float>> float_;
  std::vector<Row<double>> double_;
};
}  // namespace detail

/// Adds the gradients of `replicas`, in their order, to those of `net`, and empties them: the same bits whatever the
/// threads that computed them. A replica whose gradient is empty is passed over. A loss that is a mean over a part of
/// the batch has to be scaled by that part's share first; then this gives the gradient of the mean over all of it.
/// Throws OwnershipError when one is on another thread, held by a Step, or no replica of net, and std::bad_alloc; nothing
/// has changed then.
template <class M> void merge_gradients(M& net, std::vector<M>& replicas, Loc at = Loc::current()) {
  detail::Merge merge(at);
  merge.add_net(net);
  for (M& r : replicas) merge.add_replica(r);
  merge.run();
}

}  // namespace tenon::inline TENON_ABI
