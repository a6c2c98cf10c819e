// A tape node whose result is rows, one behind the other, each copied from a value of its own: how outputs of a loop of
// run-time length become one array.
#pragma once

#include "tenon/autodiff/record.hpp"

namespace tenon::inline TENON_ABI::autodiff {

template <class T> struct RowsNode : NodeHeader {
  Slot y_slot;
  OperandRecord* rows;  // `count` of them, of `size` elements each
  Index count, size;
};
template <class T> void backward_rows(NodeHeader* header, Backward& b) {
  auto& node = *static_cast<RowsNode<T>*>(header);
  if (!node.y_slot.written) return;
  for (Index k = 0; k < node.count; ++k) {
    check_operand(node.rows[k], "scan");
    Write mode = Write::store;
    T* dx = b.acquire<T>(node.rows[k].slot, node.size, mode);
    const T* dy = static_cast<const T*>(node.y_slot.gradient) + k * node.size;
    for (Index i = 0; i < node.size && dx != nullptr; ++i) dx[i] = mode == Write::add ? dx[i] + dy[i] : dy[i];
  }
  b.release(&node.y_slot, node.count * node.size * static_cast<Index>(sizeof(T)));
}

/// Gathers `count` rows of one shape into an array in the innermost frame of the first row's arena, or outside any frame.
/// Rows are leaves of a frame's context, without gaps.
template <class T> class RowGatherer {
 public:
  RowGatherer(Index count, Index size) : count_(count), size_(size) {}

  /// The next row. Throws OwnershipError as any operation does that reads it.
  template <class L> void add(const L& row, Loc at) {
    if (next_ == 0 || (frame_ == nullptr && row.frame() != nullptr)) start(row.frame(), at);
    if (frame_ != nullptr) {
      check_frames(row, frame_, "scan", at);
      record_operand(records_[next_], row, *frame_);
      active_ = active_ || records_[next_].slot != nullptr;
    } else {
      undifferentiated_ = undifferentiated_ || row.undifferentiated();
    }
    T* to = data_ + next_++ * size_;
    if (size_ > 0) std::memcpy(static_cast<void*>(to), row.data(), static_cast<std::size_t>(size_) * sizeof(T));
  }
  /// All rows, as an array of this shape. Pre: `count` rows have been added.
  template <class S> TrackedResult<T, S> finish(const S& shape) {
    if (frame_ == nullptr) return {std::move(storage_), shape, undifferentiated_};
    Slot* slot = nullptr;
    if constexpr (has_adjoint<T>)
      if (frame_->records() && active_) {
        auto* n = frame_->template record<RowsNode<T>>();
        n->backward = &backward_rows<T>;
        n->y_slot = Slot{};
        n->rows = records_;
        n->count = count_;
        n->size = size_;
        slot = &n->y_slot;
      }
    return {data_, shape, frame_->stamp(), slot};
  }

 private:
  /// Takes the memory: in the frame that the first row has, be it not the first of all.
  void start(TapeFrame* found, Loc at) {
    const Index n = checked_size(std::array<Index, 2>{count_, size_}, sizeof(T), at);
    if (found == nullptr) {
      storage_ = memory::Storage(n * static_cast<Index>(sizeof(T)), at);
      data_ = static_cast<T*>(storage_.bytes());
      return;
    }
    frame_ = innermost(found);
    if (undifferentiated_ && frame_->records()) refuse_undifferentiated("scan", at);
    T* to = frame_->template allocate_array<T>(n);
    if (next_ * size_ > 0)
      std::memcpy(static_cast<void*>(to), data_, static_cast<std::size_t>(next_ * size_) * sizeof(T));
    data_ = to;
    records_ = frame_->template allocate_array<OperandRecord>(count_);
    for (Index k = 0; k < next_; ++k) records_[k] = OperandRecord{};
  }
  Index count_, size_, next_ = 0;
  TapeFrame* frame_ = nullptr;
  OperandRecord* records_ = nullptr;
  T* data_ = nullptr;
  memory::Storage storage_;
  bool active_ = false, undifferentiated_ = false;
};

}  // namespace tenon::inline TENON_ABI::autodiff
