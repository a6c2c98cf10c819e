// Blocks that a thread keeps for its next storage of the same size class. An expression outside any frame makes and
// drops a result at each use; asking the system each time would cost more than the loop.
#pragma once

#include <array>
#include <cstdint>

#include "tenon/memory/cell.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tenon::inline TENON_ABI::memory {

/// Every array starts at a multiple of this: a cache line, and the widest SIMD load.
inline constexpr std::size_t alignment = 64;
/// And arrays of a page or more at a page: where their places in it differ, a load may seem to read what the loop has just
/// stored into another array, and waits for it.
inline constexpr std::size_t page = 4096;

/// Asks for pages of 2 MiB where bytes of that size lie whole in [p, p + bytes): a first touch then costs the system one
/// call in 2 MiB instead of 512, a third of the time for a large result. A hint, and only where 4 MiB or more are asked for.
inline void prefer_large_pages([[maybe_unused]] void* p, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(MADV_HUGEPAGE) && !TENON_ASAN
  constexpr std::uintptr_t large = std::uintptr_t{1} << 21;
  if (bytes < 2 * large || p == nullptr) return;
  const auto from = reinterpret_cast<std::uintptr_t>(p);
  const std::uintptr_t first = (from + large - 1) & ~(large - 1), last = (from + bytes) & ~(large - 1);
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
}

/// The largest block that is kept.
inline constexpr std::size_t largest_kept = std::size_t{1} << 22;

/// Size classes: 64, 128, 192, 256, then four to an octave, up to 4 MiB; class 0 is "not kept".
constexpr unsigned size_class_of(std::size_t bytes) {
  if (bytes > largest_kept) return 0;
  const std::size_t lines = bytes <= alignment ? 1 : (bytes + alignment - 1) / alignment;
  if (lines <= 4) return static_cast<unsigned>(lines);
  const auto octave = static_cast<unsigned>(63 - __builtin_clzll(lines - 1));  // 2^octave < lines <= 2^(octave + 1)
  const std::size_t quarter = std::size_t{1} << (octave - 2);
  return (octave - 2) * 4 + 4 + static_cast<unsigned>((lines - 1 - (std::size_t{1} << octave)) / quarter) + 1;
}
inline constexpr unsigned size_classes = 4 + 4 * 14 + 1;
inline constexpr auto class_sizes = [] {
  std::array<std::uint32_t, size_classes> size{};
  for (unsigned c = 0; c < size_classes; ++c) {
    const unsigned octave = c <= 4 ? 0 : (c - 5) / 4 + 2, step = (c - 5) % 4 + 1;
    const std::size_t lines = c <= 4 ? c : (std::size_t{1} << octave) + step * (std::size_t{1} << (octave - 2));
    size[c] = static_cast<std::uint32_t>(lines * alignment);
  }
  return size;
}();
/// Bytes of a block of that class.
constexpr std::size_t size_of_class(unsigned c) { return class_sizes[c]; }
static_assert(size_class_of(largest_kept) == size_classes - 1 && size_of_class(size_class_of(320)) == 320);

constexpr std::align_val_t alignment_of_class(unsigned c) {
  return std::align_val_t{!TENON_ASAN && (c == 0 || size_of_class(c) >= page) ? page : alignment};
}

/// A thread's free blocks, at most 16 MiB of them. Not under AddressSanitizer: it must see each block end.
class Recycler {
 public:
  /// Throws std::bad_alloc.
  static void* take(std::size_t bytes, unsigned& size_class) {
    size_class = TENON_ASAN ? 0 : size_class_of(bytes);
    if (size_class == 0) {
      void* p = ::operator new(bytes, alignment_of_class(0));
      prefer_large_pages(p, bytes);
      return p;
    }
    if (Block* b = lists_[size_class]) {
      lists_[size_class] = b->next;
      kept_ -= size_of_class(size_class);
      return b;
    }
    return ::operator new(size_of_class(size_class), alignment_of_class(size_class));
  }
  static void give(void* p, unsigned size_class) noexcept {
    if (size_class == 0 || kept_ + size_of_class(size_class) > limit) {
      ::operator delete(p, alignment_of_class(size_class));
      return;
    }
    watch_thread();
    auto* b = static_cast<Block*>(p);
    b->next = lists_[size_class];
    lists_[size_class] = b;
    kept_ += size_of_class(size_class);
  }

 private:
  struct Block {
    Block* next;
  };
  struct Keeper {  // a thread that ends gives its blocks back
    ~Keeper() {
      for (unsigned c = 0; c < size_classes; ++c)
        while (Block* b = lists_[c]) {
          lists_[c] = b->next;
          ::operator delete(static_cast<void*>(b), alignment_of_class(c));
        }
      kept_ = limit;  // storage that dies later goes straight to the system
    }
  };
  static void watch_thread() noexcept {
    static thread_local Keeper keeper;
    (void)keeper;
  }
  static constexpr std::size_t limit = std::size_t{1} << 24;
  static constinit inline thread_local Block* lists_[size_classes] = {};
  static constinit inline thread_local std::size_t kept_ = 0;
};

}  // namespace tenon::inline TENON_ABI::memory
