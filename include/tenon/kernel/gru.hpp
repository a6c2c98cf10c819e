// A gated recurrent unit over a whole sequence: what remains step by step after the product with the inputs.
#pragma once

#include "tenon/kernel/recurrent.hpp"
#include "tenon/simd/math.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Arrays (steps, batch, ...) without gaps. A row of gates holds r, z, n and u, the hidden state's share of n.
template <class T> struct Gru {
  Index steps, batch, hidden;
  T* gates;                           ///< (steps, batch, 4 hidden)
  const T *bias_input, *bias_hidden;  ///< (3 hidden), in the order r, z, n
  const T* h0;                        ///< (batch, hidden); null: zeros

  T* gates_at(Index t, Index b) const { return gates + (t * batch + b) * 4 * hidden; }
  /// The state before step t of row b; null: zeros.
  const T* before(const T* y, Index t, Index b) const {
    return t > 0 ? y + ((t - 1) * batch + b) * hidden : row_or_null(h0, b, hidden);
  }
};

/// One row of one step. `share` is the product of the state before with its weight (3 n), null for zeros.
template <class T> void gru_cell(const Gru<T>& s, T* gates, const T* share, const T* before, T* h) noexcept {
  const Index n = s.hidden;
  for_line<T>(n, [&](const auto& at) {
    using simd::sigmoid;
    const auto input = [&](Index k)
                           TENON_INLINE_LAMBDA { return at.load(gates + k * n) + at.load(s.bias_input + k * n); };
    const auto state = [&](Index k) TENON_INLINE_LAMBDA {
      return load_or_zero(at, row_or_null(share, k, n)) + at.load(s.bias_hidden + k * n);
    };
    const auto r = sigmoid(input(0) + state(0)), z = sigmoid(input(1) + state(1)), u = state(2);
    const auto fresh = tanh(input(2) + r * u);
    at.store(gates, r), at.store(gates + n, z), at.store(gates + 2 * n, fresh), at.store(gates + 3 * n, u);
    at.store(h, fresh + z * (load_or_zero(at, before) - fresh));
  });
}

/// Scratch of gru_forward for `rows` rows.
template <class T> Index gru_scratch_bytes(Index rows, Index hidden) {
  return ScratchPieces::bytes<T>(rows * 3 * hidden) + rounded_up(gemm_scratch_bytes<T>(rows, 3 * hidden, hidden), 64);
}

/// Rows first .. last of the batch: r, z, n of gates come in as the products of the inputs with their weight and go out
/// as values, with u; y (steps, batch, hidden) is written.
/// Pre:    weight (hidden, 3 hidden), columns contiguous; scratch: gru_scratch_bytes<T>(last - first, hidden)
/// Cost:   6 hidden^2 operations and 3 exponentials an element of y
/// Source: Cho et al., Learning phrase representations using RNN encoder-decoder, EMNLP 2014; the reset gate after the
///         product, as cuDNN and PyTorch
template <class T>
void gru_forward(const Gru<T>& s, Matrix<const T> weight, T* y, Index first, Index last, std::byte* scratch) {
  const Index n = s.hidden, rows = last - first;
  ScratchPieces pieces(scratch);
  T* share = pieces.take<T>(rows * 3 * n);
  for (Index t = 0; t < s.steps; ++t) {
    const T* before = s.before(y, t, first);
    if (before != nullptr)
      gemm<T>(matrix(before, rows, n), weight, matrix(share, rows, 3 * n), Write::store, pieces.rest());
    for (Index b = first; b < last; ++b)
      gru_cell<T>(s, s.gates_at(t, b), before == nullptr ? nullptr : share + (b - first) * 3 * n, s.before(y, t, b),
                  y + (t * s.batch + b) * n);
  }
}

/// One row of one step: gates become the gradients of the hidden state's shares of r, z and n, and of the inputs' share
/// of n; dh becomes what z hands on to the state before.
template <class T> void gru_cell_backward(Index n, T* gates, const T* before, const T* dy, T* dh, bool first) noexcept {
  for_line<T>(n, [&](const auto& at) {
    const auto r = at.load(gates), z = at.load(gates + n), fresh = at.load(gates + 2 * n), u = at.load(gates + 3 * n);
    const decltype(at.load(gates)) one(T(1));
    const auto d = at.load(dy) + load_or_zero<T>(at, first ? nullptr : dh);
    const auto dn = d * (one - z) * (one - fresh * fresh);
    at.store(gates, dn * u * r * (one - r));
    at.store(gates + n, d * (load_or_zero(at, before) - fresh) * z * (one - z));
    at.store(gates + 2 * n, dn * r);
    at.store(gates + 3 * n, dn);
    at.store(dh, d * z);
  });
}

/// Rows first .. last of the batch, from the last step to the first.
/// Pre:  y as forward left it, dy (steps, batch, hidden); turned, the transpose of weight (3 hidden, hidden), columns
///       contiguous; dh (batch, hidden) holds nothing yet; scratch: gemm_scratch_bytes<T>(batch, hidden, 3 hidden)
/// Post: gates as gru_cell_backward leaves them; dh is the gradient of h0 (of no step at all: left alone)
template <class T>
void gru_backward(const Gru<T>& s, Matrix<const T> turned, const T* y, const T* dy, T* dh, Index first, Index last,
                  std::byte* scratch) {
  const Index n = s.hidden, rows = last - first;
  for (Index t = s.steps; t-- > 0;) {
    for (Index b = first; b < last; ++b)
      gru_cell_backward<T>(n, s.gates_at(t, b), s.before(y, t, b), dy + (t * s.batch + b) * n, dh + b * n,
                           t + 1 == s.steps);
    gemm<T>({s.gates_at(t, first), {rows, 3 * n}, {4 * n, 1}}, turned, matrix(dh + first * n, rows, n), Write::add,
            scratch);
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
