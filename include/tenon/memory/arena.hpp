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
      std::fputs("tenon::Arena: destroyed while a Step or Scope of it is open; declare the arena before them\n", stderr);
      std::abort();
    }
  }
  const Statistics& statistics() const { return statistics_; }
  /// The innermost open frame, or null.
  Frame* top() const { return top_; }

 private:
  friend class Frame;
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

  /// n bytes that live as long as this frame; 64-byte aligned when they hold a cache line or more, else 16.
  /// Pre: this is the innermost frame of its arena or that frame's parent. Throws std::bad_alloc.
  TENON_ALWAYS_INLINE void* allocate(Index n) {
    const auto bytes = static_cast<std::size_t>(n);
    return stack().allocate(bytes, bytes >= alignment ? alignment : 16, arena_.statistics_);
  }
  template <class T>
  T* allocate_array(Index n) {
    return static_cast<T*>(allocate(n * static_cast<Index>(sizeof(T))));
  }
  /// Memory of this frame that is given back when the object ends; for scratch while a kernel runs.
  class Scratch {
   public:
    Scratch(Frame& f, Index n) : frame_(f), mark_(f.stack().mark()), bytes_(n ? f.allocate(n) : nullptr) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { frame_.stack().rewind(mark_, frame_.arena_.statistics_); }
    std::byte* bytes() const { return static_cast<std::byte*>(bytes_); }

   private:
    Frame& frame_;
    ChunkStack::Mark mark_;
    void* bytes_;
  };

  Stamp stamp() const { return stamp_; }
  Arena& arena() const { return arena_; }
  Frame* parent() const { return parent_; }
  bool records() const { return records_; }

 protected:
  Frame(Arena& arena, bool records, Loc at)
      : arena_(arena), parent_(arena.top_), records_(records), stack_(parent_ ? 1 - parent_->stack_ : 0) {
    if (parent_ != nullptr) check(parent_->stamp_, "Frame", at);
    Cell* c = CellPool::take(at);
    c->holder = this;  // a handle finds its frame here, even a stale one that must not touch the stack
    c->learns = 1;     // values may carry adjoints
    stamp_ = {c, c->generation.load(std::memory_order_relaxed)};
    mark_ = stack().mark();
    arena.top_ = this;
  }
  ~Frame() {
    if (arena_.top_ != this) {
      std::fputs("tenon::Frame: a Step or Scope ended before one opened inside it; keep them on the stack\n", stderr);
      std::abort();
    }
    arena_.top_ = parent_;
    CellPool::give(stamp_.cell);
    stack().rewind(mark_, arena_.statistics_);
    ++arena_.statistics_.rewinds;
    if (parent_ == nullptr)
      for (auto& s : arena_.stacks_) s.coalesce(arena_.statistics_);
  }
  void stop_recording() { records_ = false; }

 private:
  ChunkStack& stack() const { return arena_.stacks_[stack_]; }
  Arena& arena_;
  Frame* parent_;
  Stamp stamp_;
  ChunkStack::Mark mark_;
  bool records_;
  int stack_;
};

}  // namespace tenon::inline TENON_ABI::memory

namespace tenon::inline TENON_ABI {
using memory::Arena;
using memory::Statistics;
}  // namespace tenon::inline TENON_ABI
