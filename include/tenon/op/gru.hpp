// gru(x, weight_input, weight_hidden, bias_input, bias_hidden), and with a state
#pragma once

#include "tenon/kernel/gru.hpp"
#include "tenon/op/recurrent.hpp"

namespace tenon::inline TENON_ABI {

/// A gated recurrent unit over a sequence. With h zeros, or given, for each step, PyTorch's equations:
///   a = x[t] weight_input + bias_input and b = h weight_hidden + bias_hidden, each cut into three
///   r = sigmoid(a0 + b0),  z = sigmoid(a1 + b1),  n = tanh(a2 + r b2)
///   h = (1 - z) n + z h,  y[t] = h
/// Shapes:     x (steps, batch, in), weight_input (in, 3 hidden), weight_hidden (hidden, 3 hidden), biases (3 hidden), h0
///             (batch, hidden) -> y (steps, batch, hidden); y(steps - 1, all, all) is the state to go on from
/// Derivative: through time, over all steps; weight gradients are products over all of them
/// Accuracy:   of each step as matmul, sigmoid and tanh
/// Saves:      4 hidden numbers a step and row; one node on the tape
/// Cost:       6 (in + hidden) hidden operations and 3 exponentials a step and row; the inputs' products are one matmul
/// Threads:    rows of the batch, from two each on
/// Throws:     ShapeError when extents do not fit
/// Source:     Cho et al., Learning phrase representations using RNN encoder-decoder, EMNLP 2014
struct GatedRecurrentUnit {
  static constexpr std::string_view name = "gru";
  static constexpr bool dense_operands = true;

  template <class X, class WI, class WH, class... V>
  auto shape(Loc at, const X& x, const WI&, const WH& wh, const V&...) const {
    using R = Shape<X::pattern[0], X::pattern[1], WH::pattern[0]>;
    return R(typename R::Extents{x[0], x[1], wh[0]}, at);
  }
  template <class X, class WI, class WH, class... V> Index saved_bytes(X x, WI, WH wh, V...) const {
    return 4 * detail::Recurrent::of(x, wh).size(wh.extent[0]) * static_cast<Index>(sizeof(*x.data));
  }
  template <class Y, class X, class WI, class WH, class B, class... State>
  void forward(std::byte* saved, Y y, X x, WI wi, WH wh, B bias_input, B bias_hidden, State... state) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const auto n = detail::Recurrent::of(x, wh);
    const T* h0 = nullptr;
    ((h0 = state.data), ...);
    const auto s = layer<T>(saved, n, bias_input.data, bias_hidden.data, h0);
    detail::multiply_into<T>(matrix(x.data, n.rows(), n.in), wi, blocks(s, 0, 3), Write::store);
    const memory::Scratch scratch(n.hidden * kernel::spread_row<T>(3 * n.hidden) * static_cast<Index>(sizeof(T)));
    T* weight = reinterpret_cast<T*>(scratch.bytes());
    kernel::spread_rows<T>(wh, weight);
    detail::batch_in_parts(n.batch, 6 * n.steps * n.hidden * n.hidden, kernel::gru_scratch_bytes<T>(n.batch, n.hidden),
                           [&](Index first, Index last, std::byte* memory) {
                             kernel::gru_forward<T>(s, kernel::spread_matrix(weight, n.hidden, 3 * n.hidden), y.data,
                                                    first, last, memory);
                           });
  }
  template <class Y, class X, class WI, class WH, class B, class DX, class DWI, class DWH, class DB>
  void backward(std::byte* saved, Y y, Y dy, X x, WI wi, WH wh, B bi, B bh, DX dx, DWI dwi, DWH dwh, DB dbi,
                DB dbh) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    through_time<T>(saved, y, dy, x, wi, wh, bi, bh, nullptr, dx, dwi, dwh, dbi, dbh, Gradient<T, 2>{});
  }
  template <class Y, class X, class WI, class WH, class B, class H, class DX, class DWI, class DWH, class DB, class DH>
  void backward(std::byte* saved, Y y, Y dy, X x, WI wi, WH wh, B bi, B bh, H h0, DX dx, DWI dwi, DWH dwh, DB dbi,
                DB dbh, DH dh0) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    through_time<T>(saved, y, dy, x, wi, wh, bi, bh, h0.data, dx, dwi, dwh, dbi, dbh, dh0);
  }

 private:
  template <class T>
  static kernel::Gru<T> layer(std::byte* saved, detail::Recurrent n, const T* bi, const T* bh, const T* h0) {
    return {n.steps, n.batch, n.hidden, reinterpret_cast<T*>(saved), bi, bh, h0};
  }
  /// Blocks first .. first + count of each row of gates.
  template <class T> static Matrix<T> blocks(const kernel::Gru<T>& s, Index first, Index count) {
    return {past(s.gates, first * s.hidden), {s.steps * s.batch, count * s.hidden}, {4 * s.hidden, 1}};
  }
  /// p + n; of no elements, which may have no memory to step through, p.
  template <class T> static T* past(T* p, Index n) { return p == nullptr ? p : p + n; }

  template <class T, class Y, class X, class WI, class WH, class B, class DX, class DWI, class DWH, class DB, class DH>
  void through_time(std::byte* saved, Y y, Y dy, X x, WI wi, WH wh, B bi, B bh, const T* h0, DX dx, DWI dwi, DWH dwh,
                    DB dbi, DB dbh, DH dh0) const {
    const auto n = detail::Recurrent::of(x, wh);
    const auto s = layer<T>(saved, n, bi.data, bh.data, h0);
    const Index state = n.batch * n.hidden, wide = 3 * n.hidden;
    using Pieces = kernel::ScratchPieces;
    const memory::Scratch scratch(Pieces::bytes<T>(state) + Pieces::bytes<T>(wide * kernel::spread_row<T>(n.hidden)));
    Pieces pieces(scratch.bytes());
    T *dh = pieces.take<T>(state), *turned = pieces.take<T>(wide * kernel::spread_row<T>(n.hidden));
    for (Index i = 0; i < state; ++i) dh[i] = T(0);
    kernel::transpose_scaled<T>(wh, 1, turned, kernel::spread_row<T>(n.hidden));
    detail::batch_in_parts(n.batch, 6 * n.steps * n.hidden * n.hidden,
                           kernel::gemm_scratch_bytes<T>(n.batch, wide, wide),
                           [&](Index first, Index last, std::byte* memory) {
                             kernel::gru_backward<T>(s, kernel::spread_matrix(turned, wide, n.hidden), y.data, dy.data,
                                                     dh, first, last, memory);
                           });
    input_gradients<T>(n, s, x, wi, dx, dwi, dbi);
    if (dwh) hidden_weight_gradient<T>(n, y.data, h0, s, dwh);
    if (dbh) detail::sum_columns<T>(blocks(s, 0, 3), dbh.data, dbh.mode);
    if (dh0) detail::pass_on<T>(state, dh, dh0.data, dh0.mode);
  }
  /// The inputs' share: r and z from blocks 0 and 1, n from block 3.
  template <class T, class X, class WI, class DX, class DWI, class DB>
  static void input_gradients(detail::Recurrent n, const kernel::Gru<T>& s, X x, WI wi, DX dx, DWI dwi, DB db) {
    const Matrix<const T> gates[2] = {blocks(s, 0, 2), blocks(s, 3, 1)};
    const Index first[2] = {0, 2 * n.hidden};
    for (int i = 0; i < 2; ++i) {
      const auto part = [&](auto m) {
        m.data = past(m.data, first[i] * m.stride[1]);
        m.extent[1] = gates[i].extent[1];
        return m;
      };
      const Matrix<const T> rows = matrix<const T>(x.data, n.rows(), n.in);
      if (dx)
        detail::multiply_into<T>(gates[i], transposed<const T>(part(wi)), matrix(dx.data, n.rows(), n.in),
                                 i == 0 ? dx.mode : Write::add);
      if (dwi) detail::multiply_into<T>(transposed(rows), gates[i], part(static_cast<Matrix<T>&>(dwi)), dwi.mode);
      if (db) detail::sum_columns<T>(gates[i], db.data + first[i], db.mode);
    }
  }
  /// The sum over steps of h^T dgates, h the state before.
  template <class T>
  static void hidden_weight_gradient(detail::Recurrent n, const T* y, const T* h0, const kernel::Gru<T>& s,
                                     const Gradient<T, 2>& to) {
    const auto product = [&](const T* h, Index from, Index rows, Write mode) {
      const Matrix<const T> d{s.gates + from * 4 * n.hidden, {rows, 3 * n.hidden}, {4 * n.hidden, 1}};
      detail::multiply_into<T>(transposed<const T>(matrix(h, rows, n.hidden)), d, to, mode);
    };
    const Index first = n.steps > 0 ? n.batch : 0;  // without steps there is no memory to point to
    product(y, first, n.rows() - first, to.mode);
    if (h0 != nullptr && n.steps > 0) product(h0, 0, n.batch, Write::add);
  }
};

/// With a state: gru(x, weight_input, weight_hidden, bias_input, bias_hidden, h0).
template <tensor_like X, tensor_like WI, tensor_like WH, tensor_like BI, tensor_like BH, tensor_like... H>
requires(sizeof...(H) < 2) auto gru(X&& x, WI&& weight_input, WH&& weight_hidden, BI&& bias_input, BH&& bias_hidden,
                                    H&&... h0) {
  using T =
      common_dtype_t<dtype_of_t<X>, dtype_of_t<WI>, dtype_of_t<WH>, dtype_of_t<BI>, dtype_of_t<BH>, dtype_of_t<H>...>;
  static_assert(std::is_floating_point_v<primal_t<T>>, "tenon::gru: operands are of float or double, the same for all");
  const Loc at;
  detail::check_recurrent<3>("gru", at, x.shape(), weight_input.shape(), weight_hidden.shape(), bias_input.shape(),
                             bias_hidden.shape(), h0.shape()...);
  return structured(GatedRecurrentUnit{}, at, lift_operand<T>(std::forward<X>(x)),
                    lift_operand<T>(std::forward<WI>(weight_input)), lift_operand<T>(std::forward<WH>(weight_hidden)),
                    lift_operand<T>(std::forward<BI>(bias_input)), lift_operand<T>(std::forward<BH>(bias_hidden)),
                    lift_operand<T>(std::forward<H>(h0))...);
}

}  // namespace tenon::inline TENON_ABI
