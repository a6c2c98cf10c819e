// lstm(x, weight_input, weight_hidden, bias), and with a state
#pragma once

#include "tenon/kernel/lstm.hpp"
#include "tenon/op/recurrent.hpp"

namespace tenon::inline TENON_ABI {

/// A long short-term memory over a sequence. With h and c zeros, or the state given, for each step, PyTorch's equations:
///   i, f, g, o = x[t] weight_input + h weight_hidden + bias, cut into four; i, f, o by sigmoid, g by tanh
///   c = f c + i g,  h = o tanh(c),  y[t] = h
/// Shapes:     x (steps, batch, in), weight_input (in, 4 hidden), weight_hidden (hidden, 4 hidden), bias (4 hidden), a
///             state of h0 and c0 (batch, hidden) -> y (steps, batch, hidden); where keeps_cell, one step longer: the
///             last cell
/// Derivative: through time, over all steps; weight gradients are one product over all of them
/// Accuracy:   of each step as matmul, sigmoid and tanh
/// Saves:      the gates and the cells, 5 hidden numbers a step and row; one node on the tape
/// Cost:       8 (in + hidden) hidden operations and 5 exponentials a step and row; the inputs' products are one matmul
/// Threads:    rows of the batch, from two each on
/// Throws:     ShapeError when extents do not fit
/// Source:     Hochreiter, Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997
struct LongShortTermMemory {
  static constexpr std::string_view name = "lstm";
  static constexpr bool dense_operands = true;
  bool keeps_cell;

  template <class X, class WI, class WH, class... V>
  auto shape(Loc at, const X& x, const WI&, const WH& wh, const V&...) const {
    using R = Shape<dyn, X::pattern[1], WH::pattern[0]>;
    return R(typename R::Extents{x[0] + keeps_cell, x[1], wh[0]}, at);
  }
  template <class X, class WI, class WH, class... V> Index saved_bytes(X x, WI, WH wh, V...) const {
    return 5 * detail::Recurrent::of(x, wh).size(wh.extent[0]) * static_cast<Index>(sizeof(*x.data));
  }
  template <class Y, class X, class WI, class WH, class B, class... State>
  void forward(std::byte* saved, Y y, X x, WI wi, WH wh, B bias, State... state) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const auto n = detail::Recurrent::of(x, wh);
    const T* start[2] = {};
    state_of(start, state...);
    const auto s = layer<T>(saved, n, bias.data, start[1]);
    detail::multiply_into<T>(matrix(x.data, n.rows(), n.in), wi, matrix(s.gates, n.rows(), 4 * n.hidden), Write::store);
    const memory::Scratch scratch(n.hidden * kernel::spread_row<T>(4 * n.hidden) * static_cast<Index>(sizeof(T)));
    T* weight = reinterpret_cast<T*>(scratch.bytes());
    kernel::spread_rows<T>(wh, weight);
    detail::batch_in_parts(n.batch, 8 * n.steps * n.hidden * n.hidden,
                           kernel::gemm_scratch_bytes<T>(n.batch, 4 * n.hidden, n.hidden),
                           [&](Index first, Index last, std::byte* memory) {
                             kernel::lstm_forward<T>(s, kernel::spread_matrix(weight, n.hidden, 4 * n.hidden), start[0],
                                                     y.data, first, last, memory);
                           });
    if (keeps_cell) detail::pass_on<T>(n.batch * n.hidden, last_cell(s), y.data + n.size(n.hidden), Write::store);
  }
  template <class Y, class X, class WI, class WH, class B, class DX, class DWI, class DWH, class DB>
  void backward(std::byte* saved, Y y, Y dy, X x, WI wi, WH wh, B bias, DX dx, DWI dwi, DWH dwh, DB dbias) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const Gradient<T, 2> none{};
    through_time<T>(saved, y, dy, x, wi, wh, bias, nullptr, nullptr, dx, dwi, dwh, dbias, none, none);
  }
  template <class Y, class X, class WI, class WH, class B, class H, class DX, class DWI, class DWH, class DB, class DH,
            class DC>
  void backward(std::byte* saved, Y y, Y dy, X x, WI wi, WH wh, B bias, H h0, H c0, DX dx, DWI dwi, DWH dwh, DB dbias,
                DH dh0, DC dc0) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    through_time<T>(saved, y, dy, x, wi, wh, bias, h0.data, c0.data, dx, dwi, dwh, dbias, dh0, dc0);
  }

 private:
  template <class T> static kernel::Lstm<T> layer(std::byte* saved, detail::Recurrent n, const T* bias, const T* c0) {
    T* gates = reinterpret_cast<T*>(saved);
    return {n.steps, n.batch, n.hidden, gates, gates + 4 * n.size(n.hidden), bias, c0};
  }
  template <class T, class... State> static void state_of([[maybe_unused]] const T** start, State... state) {
    ((*start++ = state.data), ...);
  }
  template <class T> static const T* last_cell(const kernel::Lstm<T>& s) {
    return s.steps > 0 ? s.cell_at(s.steps - 1, 0) : s.c0;
  }

  template <class T, class Y, class X, class WI, class WH, class B, class DX, class DWI, class DWH, class DB, class DH,
            class DC>
  void through_time(std::byte* saved, Y y, Y dy, X x, WI wi, WH wh, B bias, const T* h0, const T* c0, DX dx, DWI dwi,
                    DWH dwh, DB dbias, DH dh0, DC dc0) const {
    const auto n = detail::Recurrent::of(x, wh);
    const auto s = layer<T>(saved, n, bias.data, c0);
    const Index state = n.batch * n.hidden, wide = 4 * n.hidden;
    using Pieces = kernel::ScratchPieces;
    const memory::Scratch scratch(2 * Pieces::bytes<T>(state) +
                                  Pieces::bytes<T>(wide * kernel::spread_row<T>(n.hidden)));
    Pieces pieces(scratch.bytes());
    T *dh = pieces.take<T>(state), *dc = pieces.take<T>(state);
    T* turned = pieces.take<T>(wide * kernel::spread_row<T>(n.hidden));
    for (Index i = 0; i < state; ++i) dh[i] = T(0), dc[i] = keeps_cell ? dy.data[n.size(n.hidden) + i] : T(0);
    kernel::transpose_scaled<T>(wh, 1, turned, kernel::spread_row<T>(n.hidden));
    detail::batch_in_parts(n.batch, 8 * n.steps * n.hidden * n.hidden,
                           kernel::gemm_scratch_bytes<T>(n.batch, wide, wide),
                           [&](Index first, Index last, std::byte* memory) {
                             kernel::lstm_backward<T>(s, kernel::spread_matrix(turned, wide, n.hidden), dy.data, dh, dc,
                                                      first, last, memory);
                           });
    const Matrix<const T> gates = matrix<const T>(s.gates, n.rows(), wide);
    if (dx) detail::multiply_into<T>(gates, transposed(wi), matrix(dx.data, n.rows(), n.in), dx.mode);
    if (dwi) detail::multiply_into<T>(transposed<const T>(matrix(x.data, n.rows(), n.in)), gates, dwi, dwi.mode);
    if (dwh) hidden_weight_gradient<T>(n, y.data, h0, s.gates, dwh);
    if (dbias) detail::sum_columns<T>(gates, dbias.data, dbias.mode);
    if (dh0) detail::pass_on<T>(state, dh, dh0.data, dh0.mode);
    if (dc0) detail::pass_on<T>(state, dc, dc0.data, dc0.mode);
  }
  /// The sum over steps of h^T dgates, h the state before.
  template <class T>
  static void hidden_weight_gradient(detail::Recurrent n, const T* y, const T* h0, const T* gates,
                                     const Gradient<T, 2>& to) {
    const Index first = n.steps > 0 ? n.batch : 0, wide = 4 * n.hidden;  // without steps there is no memory to point to
    const auto product = [&](const T* h, const T* d, Index rows, Write mode) {
      detail::multiply_into<T>(transposed<const T>(matrix(h, rows, n.hidden)), matrix(d, rows, wide), to, mode);
    };
    product(y, gates + first * wide, n.rows() - first, to.mode);
    if (h0 != nullptr && n.steps > 0) product(h0, gates, n.batch, Write::add);
  }
};

/// What a recurrent layer returns when it goes on from a state: all outputs, and the state after the last step.
template <class Y, class State> struct LstmResult {
  Y y;
  State h, c;
};
template <class Y, class State> LstmResult(Y, State, State) -> LstmResult<Y, State>;

template <tensor_like X, tensor_like WI, tensor_like WH, tensor_like B>
auto lstm(X&& x, WI&& weight_input, WH&& weight_hidden, B&& bias, Loc at = Loc::current()) {
  using T = common_dtype_t<dtype_of_t<X>, dtype_of_t<WI>, dtype_of_t<WH>, dtype_of_t<B>>;
  static_assert(std::is_floating_point_v<primal_t<T>>,
                "tenon::lstm: operands are of float or double, the same for all");
  detail::check_recurrent<4>("lstm", at, x.shape(), weight_input.shape(), weight_hidden.shape(), bias.shape());
  return structured(LongShortTermMemory{false}, at, lift_operand<T>(std::forward<X>(x)),
                    lift_operand<T>(std::forward<WI>(weight_input)), lift_operand<T>(std::forward<WH>(weight_hidden)),
                    lift_operand<T>(std::forward<B>(bias)));
}
/// From a state on: auto [y, h, c] = lstm(x, weight_input, weight_hidden, bias, h0, c0). Needs a step at least.
template <tensor_like X, tensor_like WI, tensor_like WH, tensor_like B, tensor_like H, tensor_like C>
auto lstm(X&& x, WI&& weight_input, WH&& weight_hidden, B&& bias, H&& h0, C&& c0, Loc at = Loc::current()) {
  using T = common_dtype_t<dtype_of_t<X>, dtype_of_t<WI>, dtype_of_t<WH>, dtype_of_t<B>, dtype_of_t<H>, dtype_of_t<C>>;
  static_assert(std::is_floating_point_v<primal_t<T>>,
                "tenon::lstm: operands are of float or double, the same for all");
  detail::check_recurrent<4>("lstm", at, x.shape(), weight_input.shape(), weight_hidden.shape(), bias.shape(),
                             h0.shape(), c0.shape());
  const Index steps = x.shape()[0];
  if (steps == 0) [[unlikely]]
    throw ShapeError(
        at, "tenon::lstm: x of shape " + to_string(x.shape()) + " has no steps, so there is no state to return",
        "give at least one step");
  const auto joined =
      structured(LongShortTermMemory{true}, at, lift_operand<T>(std::forward<X>(x)),
                 lift_operand<T>(std::forward<WI>(weight_input)), lift_operand<T>(std::forward<WH>(weight_hidden)),
                 lift_operand<T>(std::forward<B>(bias)), lift_operand<T>(std::forward<H>(h0)),
                 lift_operand<T>(std::forward<C>(c0)));
  return LstmResult{slice(joined, range(0, steps)), slice(joined, steps - 1), slice(joined, steps)};
}

}  // namespace tenon::inline TENON_ABI
