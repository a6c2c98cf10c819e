// Scratch for kernels: one growing block a thread, empty again after every launch.
#pragma once

#include "tenon/memory/storage.hpp"

namespace tenon::inline TENON_ABI::memory {

/// At least `bytes` bytes, 64-byte aligned, until the object ends. Objects on a thread end in the reverse order of their
/// making; those that live at once share the block, which grows to what they needed together when next it is empty: a
/// warm launch allocates nothing. No result ever lies in it. Throws std::bad_alloc.
class Scratch {
 public:
  explicit Scratch(Index bytes) {
    if (bytes == 0) return;
    Block& b = block();
    const auto line = static_cast<Index>(alignment);
    const Index end = b.used + (bytes + line - 1) / line * line;
    if (b.used == 0 && b.size < (end > b.most ? end : b.most)) {
      if (end <= b.size) grow_if_possible(b);
      else grow(b, end > b.most ? end + end / 4 : b.most);
    }
    if (end <= b.size) {
      bytes_ = static_cast<std::byte*>(b.storage.bytes()) + b.used;
    } else {
      own_ = Storage(bytes);
      bytes_ = static_cast<std::byte*>(own_.bytes());
    }
    if (b.most < end) b.most = end;
    start_ = b.used;
    b.used = end;
    borrowed_ = &b;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    if (borrowed_) borrowed_->used = start_;
  }
  std::byte* bytes() const { return bytes_; }

 private:
  struct Block {
    Storage storage;
    Index size = 0;
    Index used = 0;  ///< by objects that live, those with memory of their own included
    Index most = 0;  ///< used ever
  };
  static void grow(Block& b, Index size) {
    b.storage = Storage();  // give back before asking for more
    b.size = 0;
    b.storage = Storage(size);
    b.size = size;
  }
  /// To what objects alive at once have needed together. The one being made fits already, so failing to grow is no error.
  static void grow_if_possible(Block& b) noexcept {
    try {
      b.storage = Storage(b.most);
      b.size = b.most;
    } catch (const std::bad_alloc&) {
    }
  }
  static Block& block() {
    static thread_local Block b;
    return b;
  }
  Block* borrowed_ = nullptr;
  Index start_ = 0;
  Storage own_;
  std::byte* bytes_ = nullptr;
};

}  // namespace tenon::inline TENON_ABI::memory
