// Stacks of memory chunks: handing out is moving a pointer, taking back is moving it again.
#pragma once

#include "tenon/memory/storage.hpp"

#if TENON_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace tenon::inline TENON_ABI::memory {

inline void poison([[maybe_unused]] void* p, [[maybe_unused]] std::size_t n) {
#if TENON_ASAN
  __asan_poison_memory_region(p, n);
#endif
}
inline void unpoison([[maybe_unused]] void* p, [[maybe_unused]] std::size_t n) {
#if TENON_ASAN
  __asan_unpoison_memory_region(p, n);
#endif
}

/// What an arena holds and has done so far.
struct Statistics {
  Index live = 0;                ///< bytes in open frames
  Index high_water = 0;          ///< most bytes live at a time
  Index chunks = 0;              ///< chunks held
  Index system_allocations = 0;  ///< times the arena asked the system for memory
  Index rewinds = 0;             ///< frames ended
};

struct alignas(alignment) Chunk {
  Chunk* next;
  std::size_t capacity;  // bytes behind this header
  std::byte* begin() { return reinterpret_cast<std::byte*>(this + 1); }
  std::byte* end() { return begin() + capacity; }
};

/// Where a stack without chunks stands: a place that is not null, with room for nothing.
alignas(alignment) constinit inline std::byte no_room[1]{};

/// One of an arena's two stacks: a list of chunks, each header standing at its chunk's start.
class ChunkStack {
 public:
  struct Mark {
    Chunk* chunk = nullptr;
    std::byte* at = no_room;
    Index before = 0;
  };
  ChunkStack() = default;
  ChunkStack(const ChunkStack&) = delete;
  ChunkStack& operator=(const ChunkStack&) = delete;
  ~ChunkStack() { release(first_); }

  /// n bytes aligned to `align` (a power of two, at most 64), never null. Throws std::bad_alloc.
  TENON_ALWAYS_INLINE void* allocate(std::size_t n, std::size_t align, Statistics& stats) {
    auto at = (reinterpret_cast<std::uintptr_t>(at_) + (align - 1)) & ~static_cast<std::uintptr_t>(align - 1);
    if (n > reinterpret_cast<std::uintptr_t>(end_) - at) [[unlikely]]  // a chunk ends at a multiple of 64: no wrap
      at = reinterpret_cast<std::uintptr_t>(grow(n, stats));
    auto* p = reinterpret_cast<std::byte*>(at);
    at_ = p + n;
    unpoison(p, n);
    return p;
  }
  /// Bytes handed out and not taken back, with what alignment skipped.
  Index used() const { return before_ + (current_ ? at_ - current_->begin() : 0); }
  Mark mark() const { return {current_, at_, before_}; }
  bool stands_at(const Mark& m) const { return at_ == m.at && current_ == m.chunk; }
  bool has_several() const { return first_ != nullptr && first_->next != nullptr; }
  void rewind(Mark m) noexcept {
    if constexpr (TENON_ASAN || checks > 1) wipe(m);
    current_ = m.chunk;
    at_ = m.at;
    before_ = m.before;
    end_ = current_ ? current_->end() : no_room;
    if (current_ == nullptr && first_ != nullptr) enter(first_);
  }
  /// Several chunks become one that would have held them all. Keeps them when the system gives no memory.
  /// Pre: has_several(), and nothing is live in this stack.
  void coalesce(Statistics& stats) noexcept;

 private:
  Chunk* first_ = nullptr;
  Chunk* current_ = nullptr;
  std::byte* at_ = no_room;
  std::byte* end_ = no_room;
  Index before_ = 0;  // used in the chunks before the current one

  TENON_COLD std::byte* grow(std::size_t n, Statistics& stats) {
    constexpr std::size_t least = std::size_t{1} << 16;
    if (n > PTRDIFF_MAX / 4) throw std::bad_alloc();
    Chunk* next = current_ ? current_->next : first_;
    if (next == nullptr || next->capacity < n) {
      std::size_t bytes = current_ ? current_->capacity * 2 : least;
      while (bytes < n) bytes *= 2;
      Chunk* fresh = make(bytes, stats, false);
      if (fresh == nullptr)
        fresh = make((n + alignment - 1) & ~(alignment - 1), stats, true);  // then what is needed, no more
      fresh->next = next;
      (current_ ? current_->next : first_) = fresh;
      next = fresh;
    }
    before_ = used();
    enter(next);
    return at_;
  }
  Chunk* make(std::size_t bytes, Statistics& stats, bool may_throw);
  static void release(Chunk* c) noexcept;
  void enter(Chunk* c) noexcept;
  void wipe(Mark m) noexcept;
};

inline Chunk* ChunkStack::make(std::size_t bytes, Statistics& stats, bool may_throw) {
  void* p = ::operator new (sizeof(Chunk) + bytes, std::align_val_t{alignment}, std::nothrow);
  if (p == nullptr) {
    if (may_throw) throw std::bad_alloc();
    return nullptr;
  }
  prefer_large_pages(p, sizeof(Chunk) + bytes);
  ++stats.system_allocations;
  ++stats.chunks;
  auto* c = new (p) Chunk{nullptr, bytes};
  poison(c->begin(), bytes);
  return c;
}
inline void ChunkStack::release(Chunk* c) noexcept {
  while (c != nullptr) {
    Chunk* next = c->next;
    unpoison(c->begin(), c->capacity);
    ::operator delete (static_cast<void*>(c), std::align_val_t{alignment});
    c = next;
  }
}
inline void ChunkStack::enter(Chunk* c) noexcept {
  current_ = c;
  at_ = c->begin();
  end_ = c->end();
}
inline void ChunkStack::wipe(Mark m) noexcept {
  for (Chunk* c = m.chunk ? m.chunk : first_; c != nullptr; c = c->next) {
    std::byte* from = c == m.chunk ? m.at : c->begin();
    std::byte* to = c == current_ ? at_ : c->end();  // what lies behind is poisoned already
    const auto n = static_cast<std::size_t>(to - from);
    if constexpr (checks > 1) {
      unpoison(from, n);
      std::memset(from, 0xFF, n);  // NaN: what reads it by a raw pointer shows
    }
    poison(from, n);
    if (c == current_) break;
  }
}
inline void ChunkStack::coalesce(Statistics& stats) noexcept {
  std::size_t total = 0;
  for (Chunk* c = first_; c != nullptr; c = c->next) total += c->capacity;
  const auto wanted = static_cast<std::size_t>(stats.high_water) + static_cast<std::size_t>(stats.high_water) / 4;
  Chunk* one = make(((wanted > total ? wanted : total) + alignment - 1) & ~(alignment - 1), stats, false);
  if (one == nullptr) return;
  for (Chunk* c = first_; c != nullptr; c = c->next) --stats.chunks;
  release(first_);
  first_ = one;
  enter(one);
}

}  // namespace tenon::inline TENON_ABI::memory
