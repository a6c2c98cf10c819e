// Scratch for kernels: one growing block a thread, empty again after every launch.
#pragma once

#include "tenon/memory/storage.hpp"

namespace tenon::inline TENON_ABI::memory {

/// At least `bytes` bytes, 64-byte aligned, until the object ends; one at a time on a thread (a second one, made while
/// the first lives, allocates). No result ever lies in it. Throws std::bad_alloc.
class Scratch {
 public:
  explicit Scratch(Index bytes) {
    if (bytes == 0) return;
    Block& b = block();
    if (b.busy) {
      own_ = Storage(bytes);
      bytes_ = static_cast<std::byte*>(own_.bytes());
      return;
    }
    if (b.size < bytes) {
      b.storage = Storage();  // give back before asking for more
      b.size = 0;
      b.storage = Storage(bytes + bytes / 4);
      b.size = bytes + bytes / 4;
    }
    b.busy = true;
    borrowed_ = &b;
    bytes_ = static_cast<std::byte*>(b.storage.bytes());
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    if (borrowed_) borrowed_->busy = false;
  }
  std::byte* bytes() const { return bytes_; }

 private:
  struct Block {
    Storage storage;
    Index size = 0;
    bool busy = false;
  };
  static Block& block() {
    static thread_local Block b;
    return b;
  }
  Block* borrowed_ = nullptr;
  Storage own_;
  std::byte* bytes_ = nullptr;
};

}  // namespace tenon::inline TENON_ABI::memory
