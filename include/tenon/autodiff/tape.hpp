// The tape: nodes in the arena, walked backwards once. It knows nodes, never op names.
#pragma once

#include <string>

#include "tenon/base/random.hpp"
#include "tenon/memory/arena.hpp"
#include "tenon/shape/span.hpp"

namespace tenon::inline TENON_ABI::autodiff {

/// Where the adjoint of a value is gathered. A parameter's outlives the step; a value's lies in the frame.
struct Slot {
  void* gradient = nullptr;
  bool written = false;  ///< it holds something: the next contribution is added
  bool put_off = false;  ///< what it holds is still to be computed: it is a ParameterSlot, whose `deferred` tells how
  bool stays = false;    ///< a variable's: somebody asks for it after backward
  bool lent = false;     ///< its memory is the caller's, who does not expect it to change
};
struct DeferredGradient;
struct ParameterSlot : Slot {
  DeferredGradient* deferred = nullptr;
};

/// The gradient of a parameter that a frame has not computed yet, because it is a product of factors which are much
/// smaller. It is computed when somebody asks for it, or when the frame ends; an optimiser that only adds a multiple of
/// it to the parameter does so in one pass, and the gradient itself never exists.
struct DeferredGradient {
  /// to = or += scale times the gradient. May be called again, with the same scale, when it has thrown.
  void (*add)(DeferredGradient& g, void* to, double scale, Write mode);
  ParameterSlot* slot;
  DeferredGradient* previous;  // of the same frame
};
/// Afterwards the slot's gradient is in its memory.
inline void compute_deferred(Slot& s) {
  if (!s.put_off) return;
  DeferredGradient& g = *static_cast<ParameterSlot&>(s).deferred;
  g.add(g, s.gradient, 1, Write::store);
  s.put_off = false;
}

class Backward;

/// First member of every tape node. One function pointer a node type: no virtual, no std::function.
struct NodeHeader {
  void (*backward)(NodeHeader*, Backward&);
  NodeHeader* previous;
};

/// A frame that may record: the base of Step and Scope. A moved-in tensor, and one lent as input, is co-owned until the
/// frame ends, because a node holds addresses only.
class TapeFrame : public memory::Frame {
 public:
  /// Places a node. Payloads are plain data: the arena runs no destructors.
  template <class Node> Node* record() {
    static_assert(std::is_trivially_destructible_v<Node>,
                  "tenon::autodiff::record: a tape node may hold only addresses and numbers, because the arena never "
                  "runs destructors; put the data in the arena first");
    auto* n = static_cast<Node*>(allocate_for<Node>());
    n->previous = last_;
    last_ = n;
    ++nodes_;
    return n;
  }
  /// Keeps storage alive as long as this frame.
  void keep(memory::Storage s) {
    auto* k = static_cast<Kept*>(allocate(sizeof(Kept)));
    kept_ = new (k) Kept{std::move(s), kept_, false};
  }
  /// Keeps it alive, and refuses to open a mutable borrow of it until the frame ends.
  void lend(memory::Storage s) {
    const bool first = s && s.cell().holder == nullptr;
    void** holder = first ? &s.cell().holder : nullptr;
    if (first) s.cell().traits.learns = 0;  // what the holder before it had to do with it is over
    keep(std::move(s));
    kept_->lent = first;
    if (first) *holder = static_cast<memory::Frame*>(this);
  }
  NodeHeader* last_node() const { return last_; }
  /// Puts a gradient off. Pre: what `add` reads lives as long as this frame, and does not change.
  void defer(DeferredGradient* g) {
    g->previous = deferred_;
    deferred_ = g;
    g->slot->deferred = g;
    g->slot->written = g->slot->put_off = true;
  }
  /// Whether what reads a value that belongs to f, or a parameter that f learns, is recorded here.
  bool learns(const TapeFrame* f) const { return f == this || (f != nullptr && f == replayed_); }
  /// The frame that this one computes a part of, to throw it away or to walk back over it at once; or null.
  TapeFrame* replayed() const { return replayed_; }
  /// How many ops have drawn random numbers.
  std::uint64_t draws() const { return draws_; }
  /// Nodes recorded so far.
  Index node_count() const { return nodes_; }
  bool consumed() const { return consumed_; }
  Loc consumed_at() const { return consumed_at_; }

  /// A generator for the next op that draws: the same for the same seed, step and order of ops, whatever the threads.
  /// Throws OwnershipError when the step was opened without one.
  Rng next_rng(Loc at = {}) {
    if (!has_rng_)
      throw OwnershipError(at, "tenon::Step: an op draws random numbers but the step has no generator",
                           "open it as Step step(arena, net, rng)");
    return rng_.fork(static_cast<std::uint64_t>(draws_++));
  }

  /// The first operation of this frame whose result held a NaN though it was checked (TENON_CHECKS=2), or "".
  const std::string& first_nan() const { return first_nan_; }
  void note_nan(std::string_view op, Loc at) {
    if (first_nan_.empty()) first_nan_ = "tenon::" + std::string(op) + (at.known() ? " at " + to_string(at) : "");
  }

 protected:
  TapeFrame(Arena& arena, bool records, Loc at) : Frame(arena, records, at) {}
  /// A part of `replayed`, the innermost frame: its random numbers go on from draw number `draws`.
  TapeFrame(TapeFrame& replayed, std::uint64_t draws)
      : Frame(replayed.arena(), true, Loc{}),
        replayed_(&replayed),
        rng_(replayed.rng_),
        draws_(draws),
        has_rng_(replayed.has_rng_) {}
  /// What the replayed frame learns of this part: its draws and the first NaN.
  void report_to_replayed() {
    replayed_->draws_ = draws_;
    if (replayed_->first_nan_.empty()) replayed_->first_nan_ = first_nan_;
  }
  ~TapeFrame() {
    for (DeferredGradient* g = deferred_; g != nullptr; g = g->previous)
      if (g->slot->deferred == g) compute_deferred(*g->slot);  // its scratch was taken when it was put off
    for (Kept* k = kept_; k != nullptr;) {
      Kept* next = k->next;
      if (k->lent) k->storage.cell().holder = nullptr;
      k->~Kept();
      k = next;
    }
  }
  void draw_from(Rng rng) {
    rng_ = rng;
    has_rng_ = true;
  }
  /// No more recording; what was recorded is gone.
  void consume(Loc at) {
    stop_recording();
    consumed_ = true;
    consumed_at_ = at;
    last_ = nullptr;
  }

 private:
  struct Kept {
    memory::Storage storage;
    Kept* next;
    bool lent;
  };
  TapeFrame* replayed_ = nullptr;
  NodeHeader* last_ = nullptr;
  Kept* kept_ = nullptr;
  DeferredGradient* deferred_ = nullptr;
  Index nodes_ = 0;
  bool consumed_ = false;
  Loc consumed_at_;
  std::string first_nan_;
  Rng rng_{0};
  std::uint64_t draws_ = 0;
  bool has_rng_ = false;
};

/// The frame a cell belongs to or is learnt by; null for plain storage.
inline TapeFrame* frame_of(const memory::Cell& c) {
  return static_cast<TapeFrame*>(static_cast<memory::Frame*>(c.holder));
}
/// The innermost frame of the arena that `f` lies in: where new values go.
inline TapeFrame* innermost(TapeFrame* f) { return static_cast<TapeFrame*>(f->arena().top()); }

/// Whether what reads a value that belongs to c, or a parameter, is being recorded now: its frame is a Step, and no Scope is
/// open inside it.
inline bool is_recording(const memory::Cell& c) {
  TapeFrame* f = frame_of(c);
  return f != nullptr && f->records() && innermost(f)->learns(f);
}

/// One walk over the tape: hands out adjoint memory and takes it back as soon as it is used up.
class Backward {
 public:
  explicit Backward(TapeFrame& frame) : frame_(frame) {}

  /// Memory for n elements' adjoint; `mode` says whether the first contribution has been stored already.
  template <class T> T* acquire(Slot* s, Index n, Write& mode) {
    if (s == nullptr) return nullptr;
    return static_cast<T*>(acquire(s, n * static_cast<Index>(sizeof(T)), mode));
  }
  TENON_ALWAYS_INLINE void* acquire(Slot* s, Index bytes, Write& mode) {
    if (s->gradient == nullptr) s->gradient = take(bytes);
    if (s->written) [[unlikely]] {
      compute_deferred(*s);
      mode = Write::add;
    } else {
      s->written = true;
      mode = Write::store;
    }
    return s->gradient;
  }
  /// The same for contributions that arrive in pieces: cleared first, then added to.
  template <class T> T* acquire_cleared(Slot* s, Index n, Write& mode) {
    T* p = acquire<T>(s, n, mode);
    if (p != nullptr && mode == Write::store) {
      for (Index i = 0; i < n; ++i) p[i] = T(0);
      mode = Write::add;
    }
    return p;
  }
  /// The adjoint has been passed on: its memory serves the next one of this size.
  void release(Slot* s, Index bytes) {
    if (!s->lent) give(s->gradient, bytes);
    s->gradient = nullptr;
  }
  /// Starts a node's adjoint with memory that the caller keeps as it is. False: the slot has memory of its own.
  static bool lend(Slot* s, const void* seed, Index bytes) {
    if (s->gradient != nullptr || s->written || s->stays || bytes == 0) return false;
    s->gradient = const_cast<void*>(seed);
    s->written = s->lent = true;
    return true;
  }
  /// The adjoint in memory that may be written.
  void* own(Slot& s, Index bytes) {
    if (s.lent) {
      void* p = take(bytes);
      std::memcpy(p, s.gradient, static_cast<std::size_t>(bytes));
      s.gradient = p;
      s.lent = false;
    }
    return s.gradient;
  }
  void* take(Index bytes) {
    const Index size = rounded(bytes);
    for (int k = 0; k < lists_; ++k)
      if (free_[k].bytes == size && free_[k].head != nullptr) {
        void* p = free_[k].head;
        std::memcpy(&free_[k].head, p, sizeof(void*));
        return p;
      }
    return frame_.allocate(size);
  }
  void give(void* p, Index bytes) {
    const Index size = rounded(bytes);
    int k = 0;
    while (k < lists_ && free_[k].bytes != size) ++k;
    if (k == most_lists) return;  // more sizes than a step has use for: the frame's end takes it
    if (k == lists_) free_[lists_++] = {size, nullptr};
    std::memcpy(p, &free_[k].head, sizeof(void*));
    free_[k].head = p;
  }
  TapeFrame& frame() { return frame_; }
  /// Whether what a node holds lives as long as frame(): not while a part of it is walked that was computed again.
  bool may_defer() const { return !replaying_; }
  /// Walks nodes back from `last`, those of a frame inside frame() which computes a part of it again.
  void replay(NodeHeader* last) {
    replaying_ = true;
    for (NodeHeader* node = last; node != nullptr; node = node->previous) node->backward(node, *this);
    replaying_ = false;
  }

 private:
  static Index rounded(Index bytes) { return bytes < 16 ? 16 : (bytes + 15) & ~Index{15}; }
  struct List {
    Index bytes;
    void* head;
  };
  static constexpr int most_lists = 24;
  TapeFrame& frame_;
  bool replaying_ = false;
  int lists_ = 0;
  List free_[most_lists];  // the first lists_ are in use
};

}  // namespace tenon::inline TENON_ABI::autodiff
