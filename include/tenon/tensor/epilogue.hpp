// The elementwise rest of an expression, run on the finished blocks of its product.
#pragma once

#include <cstdint>

#include "tenon/tensor/rows.hpp"

namespace tenon::inline TENON_ABI::evaluation {

/// One operand of the epilogue, read along the rows of the product taken as a matrix.
struct EpilogueOperand {
  std::byte* data;
  Index item, row, column;               // bytes an element; strides in elements
  bool merged = true;                    // row after row one stride apart; else only within the last two dimensions,
  std::array<Index, max_rank> stride{};  // and from there by these

  Index offset(Index r, const Index* extent, int rank) const {
    if (merged) return r * row;
    Index o = 0;
    for (int d = rank - 2; d >= 0; r /= extent[d--]) o += r % extent[d] * stride[static_cast<std::size_t>(d)];
    return o;
  }
};

/// The elementwise rest of an expression, run on finished blocks of its product. One type whatever the expression, so
/// that a kernel is compiled once for all of them.
class Epilogue {
 public:
  /// Nothing follows the product.
  Epilogue() = default;
  /// Pre: count <= rows::max_streams; the operands and extents outlive this
  Epilogue(rows::BlockLoop loop, const EpilogueOperand* operands, int count, const Index* extent, int rank)
      : loop_(loop),
        operands_(operands),
        count_(count),
        extent_(extent),
        rank_(rank),
        columns_(rank > 0 ? extent[rank - 1] : 1) {
    // A block of whole rows is one run when every operand goes on where its row ends, up to `period_` rows.
    for (int q = 0; q < count; ++q) {
      one_run_ = one_run_ && operands[q].row == columns_ * operands[q].column;
      if (!operands[q].merged) period_ = extent[rank - 2];
    }
  }
  void operator()(Index i, Index j, Index n_rows, Index n_columns) const {
    if (loop_ != nullptr && n_rows > 0) run(i, j, n_rows, n_columns);
  }

 private:
  [[gnu::noinline]] void run(Index i, Index j, Index n_rows, Index n_columns) const {
    void* at[rows::max_streams];
    Index step[rows::max_streams];
    const bool runs_on = one_run_ && n_columns == columns_;
    if (!runs_on)
      for (int q = 0; q < count_; ++q)
        step[q] = operands_[q].data == nullptr ? 0 : operands_[q].row * operands_[q].item;
    for (Index r = i, n; r < i + n_rows; r += n) {
      n = i + n_rows - r;
      if (period_ != PTRDIFF_MAX && n > period_ - r % period_) n = period_ - r % period_;
      set_addresses(at, r, j);
      if (runs_on) loop_(1, n * columns_, at, nullptr);
      else loop_(n, n_columns, at, step);
    }
  }
  void set_addresses(void** at, Index r, Index j) const {
    for (int q = 0; q < count_; ++q) {
      const EpilogueOperand& o = operands_[q];
      at[q] = o.data == nullptr ? nullptr : o.data + (o.offset(r, extent_, rank_) + j * o.column) * o.item;
    }
  }
  rows::BlockLoop loop_ = nullptr;
  const EpilogueOperand* operands_ = nullptr;
  int count_ = 0;
  const Index* extent_ = nullptr;
  int rank_ = 0;
  Index columns_ = 0, period_ = PTRDIFF_MAX;  // the latter: every operand's rows are one stride apart
  bool one_run_ = true;
};

}  // namespace tenon::inline TENON_ABI::evaluation
