// Heap storage with its cell: one owner for a tensor, counted plainly once it lives in expressions.
#pragma once

#include <cstring>

#include "tenon/memory/shared.hpp"

namespace tenon::inline TENON_ABI::memory {

/// 64-byte aligned bytes and the cell that watches them. Copying shares (a plain count: an expression and the tensors in
/// it belong to one thread); the last owner frees the bytes and ends every view. Neither bytes nor cell ever move.
class Storage {
 public:
  Storage() = default;
  /// Throws std::bad_alloc; nothing is lost then.
  explicit Storage(Index bytes, Loc born = {}) : cell_(CellPool::take(born)), generation_(generation_now()) {
    if (bytes == 0) return;
    try {
      unsigned size_class = 0;
      cell_->bytes = Recycler::take(static_cast<std::size_t>(bytes), size_class);
      cell_->traits.size_class = size_class & 0xffu;
    } catch (...) {
      CellPool::give(cell_);
      throw;
    }
    if constexpr (checks > 1) std::memset(cell_->bytes, 0xFF, static_cast<std::size_t>(bytes));  // NaN in every float
  }
  Storage(const Storage& o) noexcept : cell_(o.cell_), generation_(o.generation_) {
    if (cell_ != &dead_cell) ++cell_->owners;
  }
  Storage(Storage&& o) noexcept
      : cell_(std::exchange(o.cell_, &dead_cell)), generation_(std::exchange(o.generation_, 0)) {}
  Storage& operator=(Storage o) noexcept {
    std::swap(cell_, o.cell_);
    std::swap(generation_, o.generation_);
    return *this;
  }
  TENON_ALWAYS_INLINE ~Storage() {
    if (cell_ != &dead_cell && --cell_->owners == 0) release();
  }

  /// Another owner of the storage that a live handle points to.
  static Storage share(Stamp s) noexcept {
    Storage r;
    r.cell_ = s.cell;
    r.generation_ = s.generation;
    if (s.cell != &dead_cell) ++s.cell->owners;
    return r;
  }

  /// A handle of the calling thread to the bytes of `o`, which become shared (memory/shared.hpp); nobody writes them from
  /// now on. Copies of a handle may be made on any thread. Throws std::bad_alloc; nothing has changed then.
  static Storage another_handle(const Storage& o, Loc born) {
    return handle_to(SharedBytes::of(*o.cell_), born, false);
  }
  /// Likewise, but `o` may write when no reader is in use. Throws OwnershipError when `o` is a reader itself.
  static Storage reader_of(const Storage& o, std::string_view op, Loc born) {
    SharedBytes& s = SharedBytes::of(*o.cell_);
    if (!s.make_writer(*o.cell_))
      throw OwnershipError(born, "tenon::" + std::string(op) + ": this is a replica itself" + detail::born(*o.cell_),
                           "make the replicas of the net that it is a replica of");
    return handle_to(s, born, true);
  }

  explicit operator bool() const { return cell_ != &dead_cell; }
  void* bytes() const { return cell_->bytes; }
  Cell& cell() const { return *cell_; }
  Stamp stamp() const { return {cell_, generation_}; }
  /// Nobody else has these bytes.
  bool unique() const { return cell_->owners == 1 && !is_shared(*cell_); }

 private:
  [[gnu::noinline]] void release() noexcept {
    if (is_shared(*cell_)) [[unlikely]]
      SharedBytes::of_shared(*cell_).drop(*cell_);
    else if (cell_->bytes != nullptr) Recycler::give(cell_->bytes, cell_->traits.size_class);
    CellPool::give(cell_);
  }
  static Storage handle_to(SharedBytes& s, Loc born, bool reader) {
    Storage r;
    r.cell_ = CellPool::take(born);
    r.generation_ = r.generation_now();
    s.add(*r.cell_, reader);
    return r;
  }
  std::uint64_t generation_now() const { return cell_->generation.load(std::memory_order_relaxed); }
  Cell* cell_ = &dead_cell;
  std::uint64_t generation_ = 0;
};

}  // namespace tenon::inline TENON_ABI::memory
