// Bytes that several threads read. Each thread has handles of its own to them, with cells of its own: what a handle may
// do is found out as for any storage, without an atomic operation. Only making and dropping a handle counts atomically.
#pragma once

#include <vector>

#include "tenon/memory/recycle.hpp"

namespace tenon::inline TENON_ABI::memory {

/// The size class of a cell whose bytes are shared: `shared` stands in the place of `born_file`.
inline bool is_shared(const Cell& c) { return c.traits.size_class == shared_class; }

/// What the handles to shared bytes have in common. At most one handle, the writer, may write: while all others, its
/// readers, are on its thread and no frame holds them. Without a writer nobody writes until the last handle thaws.
class SharedBytes : public SharedBirth {
 public:
  /// The bytes of an ordinary storage become shared. Throws std::bad_alloc; nothing has changed then.
  static SharedBytes& of(Cell& c) {
    if (is_shared(c)) return of_shared(c);
    auto* s = new SharedBytes(c);
    c.traits.size_class = shared_class;
    c.shared = s;
    return *s;
  }
  /// Pre: is_shared(c).
  static SharedBytes& of_shared(const Cell& c) { return *static_cast<SharedBytes*>(c.shared); }

  /// False: another handle is the writer already.
  bool make_writer(Cell& c) {
    const Lock lock(*this);
    if (writer_ != nullptr) return writer_ == &c;
    forget(c);
    writer_ = &c;
    return true;
  }
  /// `c`, fresh from the pool, becomes one more handle. Throws std::bad_alloc; nothing has changed then.
  void add(Cell& c, bool reader) {
    if (reader) {
      const Lock lock(*this);
      readers_.push_back(&c);
    }
    handles_.fetch_add(1, std::memory_order_relaxed);  // by somebody who has a handle: it cannot have been 0
    c.traits.size_class = shared_class;
    c.shared = this;
    c.bytes = bytes_;
  }
  /// A handle ends; the bytes with the last one.
  void drop(Cell& c) noexcept {
    {
      const Lock lock(*this);
      if (writer_ == &c) {
        writer_ = nullptr;
        release_readers();  // from a MutView of c that is still open
      }
      forget(c);
    }
    let_go(c, 0);  // a stale handle still tells where its elements were made
    if (handles_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (bytes_ != nullptr) Recycler::give(bytes_, size_class_);
    delete this;
  }
  bool last() const { return handles_.load(std::memory_order_acquire) == 1; }
  /// The last handle becomes an ordinary storage; its views live on. Pre: last().
  void thaw(Cell& c) noexcept {
    let_go(c, size_class_);
    delete this;
  }

  /// Why a borrow of `c` may not write now: what one of the readers is, "" when `c` is one of them; null when it may.
  const char* why_not(const Cell& c) {
    if (last()) return nullptr;
    const Lock lock(*this);
    if (writer_ != &c) return "";
    const char* why = nullptr;
    for (const Cell* r : readers_)
      if (why == nullptr) why = keeps_from_writing(*r);
    return why;
  }
  /// Throws OwnershipError unless it may.
  TENON_COLD void check_write(const Cell& c, std::string_view op, Loc at) {
    const char* why = why_not(c);
    if (why == nullptr) return;
    const bool reader = *why == '\0';
    throw OwnershipError(
        at,
        "tenon::" + std::string(op) +
            (reader ? ": its elements are shared with others that read them, so they cannot be written"
                    : ": a replica of it is " + std::string(why)) +
            detail::born(c),
        reader ? "write the net that this is a replica of, or clone() to change a copy" : replicas_fix);
  }
  static constexpr const char* replicas_fix =
      "get() the replicas back from their threads, and end the frames that read them, before the net is written";
  /// Nobody may read while the writer writes. Pre: check_write(c) has passed. False: `c` is an ordinary storage now.
  TENON_COLD bool begin_write(Cell& c) noexcept {
    if (last()) return thaw(c), false;
    const Lock lock(*this);
    for (Cell* r : readers_) r->state.store(this_thread_id | exclusive_bit, std::memory_order_relaxed);
    return true;
  }
  TENON_COLD void end_write() noexcept {
    const Lock lock(*this);
    release_readers();
  }

 private:
  void release_readers() noexcept {
    for (Cell* r : readers_) {
      if (r->state.load(std::memory_order_relaxed) != (this_thread_id | exclusive_bit)) continue;
      r->grow_version();  // expressions that were waiting to read it are out of date
      r->state.store(this_thread_id, std::memory_order_relaxed);
    }
  }
  void let_go(Cell& c, unsigned size_class) const noexcept {
    c.traits.size_class = size_class & 0xffu;
    c.born_file = born.file;
    c.traits.born_line = born.line & 0x3fffffu;
  }
  explicit SharedBytes(const Cell& c)
      : SharedBirth{Loc{c.born_file, c.traits.born_line}}, bytes_(c.bytes), size_class_(c.traits.size_class) {}
  ~SharedBytes() = default;
  class Lock {
   public:
    explicit Lock(SharedBytes& s) noexcept : flag_(s.busy_) {
      while (flag_.test_and_set(std::memory_order_acquire)) {
      }
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { flag_.clear(std::memory_order_release); }

   private:
    std::atomic_flag& flag_;
  };
  void forget(const Cell& c) noexcept {
    for (Cell*& r : readers_)
      if (r == &c) {
        r = readers_.back();
        readers_.pop_back();
        return;
      }
  }
  static const char* keeps_from_writing(const Cell& r) {
    const std::uint64_t state = r.state.load(std::memory_order_relaxed);
    if (static_cast<std::uint32_t>(state) != thread_id()) return "on another thread";
    if (state != this_thread_id) return "being written";
    return r.holder != nullptr ? "held by an open Step or Scope" : nullptr;
  }

  std::atomic<std::uint32_t> handles_{1};
  std::atomic_flag busy_{};
  void* bytes_;
  unsigned size_class_;
  Cell* writer_ = nullptr;
  std::vector<Cell*> readers_;
};

}  // namespace tenon::inline TENON_ABI::memory
