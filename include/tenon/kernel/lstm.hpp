// A long short-term memory over a whole sequence: what remains step by step after the product with the inputs.
#pragma once

#include "tenon/kernel/recurrent.hpp"
#include "tenon/simd/math.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Arrays (steps, batch, ...) without gaps; gates stand side by side in the order i, f, g, o.
template <class T> struct Lstm {
  Index steps, batch, hidden;
  T* gates;       ///< (steps, batch, 4 hidden)
  T* cells;       ///< (steps, batch, hidden)
  const T* bias;  ///< (4 hidden)
  const T* c0;    ///< (batch, hidden); null: zeros

  T* gates_at(Index t, Index b) const { return gates + (t * batch + b) * 4 * hidden; }
  T* cell_at(Index t, Index b) const { return cells + (t * batch + b) * hidden; }
  const T* cell_before(Index t, Index b) const { return t > 0 ? cell_at(t - 1, b) : row_or_null(c0, b, hidden); }
};

/// One row of one step: gates from preactivations to values, the cell c and the output h.
template <class T> void lstm_cell(Index n, T* gates, const T* bias, const T* before, T* c, T* h) noexcept {
  for_line<T>(n, [&](const auto& at) {
    using simd::sigmoid;
    const auto gate = [&](Index k) TENON_INLINE_LAMBDA { return at.load(gates + k * n) + at.load(bias + k * n); };
    const auto i = sigmoid(gate(0)), f = sigmoid(gate(1)), g = tanh(gate(2)), o = sigmoid(gate(3));
    const auto cell = f * load_or_zero(at, before) + i * g;
    at.store(gates, i), at.store(gates + n, f), at.store(gates + 2 * n, g), at.store(gates + 3 * n, o);
    at.store(c, cell);
    at.store(h, o * tanh(cell));
  });
}

/// Rows first .. last of the batch: gates come in as the products of the inputs with their weight and go out as the
/// gates' values; cells and y (steps, batch, hidden) are written.
/// Pre:    weight (hidden, 4 hidden) of any strides, columns contiguous; h0 (batch, hidden), null for zeros; scratch:
///         gemm_scratch_bytes<T>(batch, 4 hidden, hidden)
/// Cost:   8 hidden^2 operations and 5 exponentials an element of y
/// Source: Hochreiter, Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997; with forget gate: Gers,
///         Schmidhuber, Cummins, Learning to forget, Neural Computation 12(10), 2000
template <class T>
void lstm_forward(const Lstm<T>& s, Matrix<const T> weight, const T* h0, T* y, Index first, Index last,
                  std::byte* scratch) {
  const Index n = s.hidden, rows = last - first;
  for (Index t = 0; t < s.steps; ++t) {
    T* h = y + (t * s.batch + first) * n;
    const T* before = t > 0 ? h - s.batch * n : row_or_null(h0, first, n);
    if (before != nullptr)
      gemm<T>(matrix(before, rows, n), weight, matrix(s.gates_at(t, first), rows, 4 * n), Write::add, scratch);
    for (Index b = first; b < last; ++b)
      lstm_cell(n, s.gates_at(t, b), s.bias, s.cell_before(t, b), s.cell_at(t, b), h + (b - first) * n);
  }
}

/// One row of one step: gates from values to gradients of preactivations, dc from the gradient of this cell to that of
/// the cell before. The gradient of the output is dy + dh; either may be null.
template <class T>
void lstm_cell_backward(Index n, T* gates, const T* c, const T* before, const T* dy, const T* dh, T* dc) noexcept {
  for_line<T>(n, [&](const auto& at) {
    const auto i = at.load(gates), f = at.load(gates + n), g = at.load(gates + 2 * n), o = at.load(gates + 3 * n);
    const decltype(at.load(gates)) one(T(1));
    const auto out = tanh(at.load(c)), d = at.load(dy) + load_or_zero(at, dh);
    const auto cell = at.load(dc) + d * o * (one - out * out);
    at.store(gates, cell * g * i * (one - i));
    at.store(gates + n, cell * load_or_zero(at, before) * f * (one - f));
    at.store(gates + 2 * n, cell * i * (one - g * g));
    at.store(gates + 3 * n, d * out * o * (one - o));
    at.store(dc, cell * f);
  });
}

/// Rows first .. last of the batch, from the last step to the first: gates, as forward left them, become the gradients
/// of the preactivations.
/// Pre:  dy (steps, batch, hidden); turned, the transpose of weight (4 hidden, hidden), columns contiguous; dc (batch,
///       hidden) holds the gradient of the last cell; dh (batch, hidden) holds nothing yet; scratch: gemm_scratch_bytes
///       <T>(batch, hidden, 4 hidden)
/// Post: dh and dc are the gradients of h0 and c0 (of no step at all: dh is left alone)
template <class T>
void lstm_backward(const Lstm<T>& s, Matrix<const T> turned, const T* dy, T* dh, T* dc, Index first, Index last,
                   std::byte* scratch) {
  const Index n = s.hidden, rows = last - first;
  for (Index t = s.steps; t-- > 0;) {
    for (Index b = first; b < last; ++b)
      lstm_cell_backward<T>(n, s.gates_at(t, b), s.cell_at(t, b), s.cell_before(t, b), dy + (t * s.batch + b) * n,
                            t + 1 < s.steps ? dh + b * n : nullptr, dc + b * n);
    gemm<T>(matrix<const T>(s.gates_at(t, first), rows, 4 * n), turned, matrix(dh + first * n, rows, n), Write::store,
            scratch);
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
