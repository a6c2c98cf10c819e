// Arena and frames: memory that is handed out by moving a pointer and taken back, all at once, when a frame ends.
//
// An arena has two stacks of chunks and frames alternate between them, so that the innermost frame can put a result into
// its parent's stack at once (promote). Chunks double while a frame grows; when the outermost frame ends, a stack of
// several chunks becomes one of 1.25 times the high water, so that a warm step asks the system for nothing.
// The way back never allocates and never throws.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "tenon/memory/chunk.hpp"

namespace tenon::inline TENON_ABI::memory {

class Frame;

/// Chunks of memory for frames. Belongs to the thread that opens its frames; not movable. Ending an arena while a frame
/// of it is open stops the program with a message: the frame's handles could no longer be told from live ones.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() {
    if (top_ != nullptr) {
      std::fputs("tenon::Arena: destroyed while a Step or Scope of it is open; declare the arena before them\n",
                 stderr);
      std::abort();
    }
  }
  /// As things stand now.
  Statistics statistics() const {
    Statistics s = statistics_;
    s.live = live();
    if (s.live > s.high_water) s.high_water = s.live;
    return s;
  }
  /// The innermost open frame, or null.
  Frame* top() const { return top_; }

 private:
  friend class Frame;
  Index live() const { return stacks_[0].used() + stacks_[1].used(); }
  /// Before anything is taken back: only then can the high water be new, so that handing out need not look.
  void note_high_water() noexcept {
    if (const Index n = live(); n > statistics_.high_water) statistics_.high_water = n;
  }
  ChunkStack stacks_[2];
  Frame* top_ = nullptr;
  Statistics statistics_;
};

/// A stretch of an arena's life: everything allocated in it ends with it, in O(1). Lives on the stack; frames of an arena
/// end in the reverse order of their beginning.
class Frame {
 public:
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  static void* operator new(std::size_t) = delete;
  static void* operator new[](std::size_t) = delete;

  /// Whether it can take memory: it is the innermost frame of its arena or that frame's parent, so that nothing of a
  /// frame that ends earlier lies below.
  bool has_room() const { return arena_.top_ == this || (arena_.top_ != nullptr && arena_.top_->parent_ == this); }
  /// n bytes that live as long as this frame; 64-byte aligned when they hold a cache line or more, else 16.
  /// Pre: has_room(). Throws std::bad_alloc.
  TENON_ALWAYS_INLINE void* allocate(Index n) {
    const auto bytes = static_cast<std::size_t>(n);
    return stack_.allocate(bytes, bytes >= alignment ? alignment : 16, arena_.statistics_);
  }
  /// Likewise for an object, aligned as its type asks.
  template <class T> TENON_ALWAYS_INLINE void* allocate_for() {
    return stack_.allocate(sizeof(T), alignof(T), arena_.statistics_);
  }
  template <class T> T* allocate_array(Index n) { return static_cast<T*>(allocate(n * static_cast<Index>(sizeof(T)))); }
  Stamp stamp() const { return stamp_; }
  Arena& arena() const { return arena_; }
  Frame* parent() const { return parent_; }
  bool records() const { return records_; }
  /// Frames of a thread are numbered as they open; 64 bits never wrap.
  std::uint64_t number() const { return number_; }
  /// Where it was opened.
  Loc born() const { return {stamp_.cell->born_file, stamp_.cell->traits.born_line}; }
  /// The number of the frame that the calling thread opened last.
  static std::uint64_t last_number() { return frames_opened_; }

 protected:
  Frame(Arena& arena, bool records, Loc at)
      : arena_(arena),
        parent_(arena.top_),
        stack_(arena.stacks_[parent_ != nullptr && &parent_->stack_ == arena.stacks_ ? 1 : 0]),
        records_(records) {
    if (parent_ != nullptr) check(parent_->stamp_, "Frame", at);
    Cell* c = CellPool::take(at, true);  // values may carry adjoints
    c->holder = this;  // a handle finds its frame here, even a stale one that must not touch the stack
    stamp_ = {c, c->generation.load(std::memory_order_relaxed)};
    mark_ = stack_.mark();
    arena.top_ = this;
    number_ = ++frames_opened_;
  }
  ~Frame() {
    if (arena_.top_ != this) {
      std::fputs("tenon::Frame: a Step or Scope ended before one opened inside it; keep them on the stack\n", stderr);
      std::abort();
    }
    arena_.top_ = parent_;
    CellPool::give(stamp_.cell);
    ++arena_.statistics_.rewinds;
    if (!stack_.stands_at(mark_)) {
      arena_.note_high_water();
      stack_.rewind(mark_);
    }
    if (parent_ == nullptr)
      for (auto& s : arena_.stacks_)
        if (s.has_several()) s.coalesce(arena_.statistics_);
  }
  void stop_recording() { records_ = false; }

 private:
  static constinit inline thread_local std::uint64_t frames_opened_ = 0;

  Arena& arena_;
  Frame* parent_;
  ChunkStack& stack_;  // the one that the parent does not use
  Stamp stamp_;
  std::uint64_t number_ = 0;
  ChunkStack::Mark mark_;
  bool records_;
};

/// " (opened at F:L)": the frame that holds a storage, when it holds one and knows its place.
TENON_COLD inline std::string opened(const Cell& storage) {
  return storage.holder == nullptr ? std::string()
                                   : detail::place(" (opened at ", static_cast<const Frame*>(storage.holder)->born());
}

}  // namespace tenon::inline TENON_ABI::memory

namespace tenon::inline TENON_ABI {
using memory::Arena;
using memory::Statistics;
}  // namespace tenon::inline TENON_ABI
