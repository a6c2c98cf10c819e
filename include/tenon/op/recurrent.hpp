// What lstm and gru share.
#pragma once

#include "tenon/kernel/recurrent.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/sigmoid.hpp"  // of duals, and tanh: the kernels find them by argument
#include "tenon/op/slice.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/structured.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI::detail {

/// c = or += a b, on several threads where that pays.
template <class T> void multiply_into(Matrix<const T> a, Matrix<const T> b, Matrix<T> c, Write mode) {
  gemm_of<T>(a, b, c, mode, kernel::NoEpilogue{});
}
/// to = or += the sums of m's columns, as a product with a row of ones.
template <class T> void sum_columns(Matrix<const T> m, T* to, Write mode) {
  const T one(1);
  multiply_into<T>({&one, {1, m.extent[0]}, {0, 0}}, m, matrix(to, 1, m.extent[1]), mode);
}
/// to = or += from, n elements.
template <class T> void pass_on(Index n, const T* from, T* to, Write mode) {
  for (Index i = 0; i < n; ++i) to[i] = mode == Write::add ? to[i] + from[i] : from[i];
}

/// Calls run(first row, last row, scratch) for parts of the batch, a thread each, when each has 4 million operations to
/// do: rows of a batch do not meet. Parts have two rows and more, for bits that do not depend on the split.
template <class Run> void batch_in_parts(Index batch, Index row_operations, Index scratch_bytes, Run run) {
  const Index enough = batch * row_operations / (Index{1} << 22), threads = enough > 1 ? simd::thread_count() : 1;
  const Index wanted = threads < enough ? threads : enough, parts = wanted < batch / 2 ? wanted : batch / 2;
  if (parts < 2) {
    const memory::Scratch scratch(scratch_bytes);
    if (batch > 0) run(Index{0}, batch, scratch.bytes());
    return;
  }
  const Index bytes = (scratch_bytes + 63) / 64 * 64;
  const memory::Scratch scratch(bytes * parts);  // taken here: a thread of the team must not throw
  simd::parallel_for(parts, 1, [&](Index first, Index last) {
    for (Index part = first; part < last; ++part)
      run(batch * part / parts, batch * (part + 1) / parts, scratch.bytes() + part * bytes);
  });
}

/// Sizes of a recurrent layer over a sequence, from its spans.
struct Recurrent {
  Index steps, batch, in, hidden;
  template <class X, class W> static Recurrent of(const X& x, const W& weight_hidden) {
    return {x.extent[0], x.extent[1], x.extent[2], weight_hidden.extent[0]};
  }
  Index rows() const { return steps * batch; }
  /// Elements of an array of n for each step and row.
  Index size(Index n) const { return rows() * n; }
};

TENON_COLD inline void recurrent_clash(std::string_view op, int gates, const std::string& shapes, Loc at) {
  const std::string wide = std::to_string(gates) + " hidden)";
  throw ShapeError(at,
                   "tenon::" + std::string(op) + ": " + shapes + ", but x is (steps, batch, in), weight_input (in, " +
                       wide + ", weight_hidden (hidden, " + wide + ", a bias (" + wide + ", a state (batch, hidden)",
                   "check which extent of x is the step, and that the weights are transposed as said");
}
/// Biases are of rank 1, states of rank 2.
template <int Gates, class X, class WI, class WH, class... V>
void check_recurrent(std::string_view op, Loc at, const X& x, const WI& wi, const WH& wh, const V&... v) {
  static_assert(X::rank == 3 && WI::rank == 2 && WH::rank == 2, "tenon: x is (steps, batch, in), weights are matrices");
  constexpr bool fits_input = may_equal(X::pattern[2], WI::pattern[0]);
  if constexpr (!fits_input) (void)sizeof(shapes_do_not_match<X, WI>);
  static_assert(fits_input,
                "tenon: the last extent of x is not the number of rows of weight_input; both shapes stand in "
                "shapes_do_not_match<...> above");
  const Index hidden = wh[0], wide = Gates * hidden;
  const auto fits = [&](const auto& s) {
    constexpr int rank = std::remove_cvref_t<decltype(s)>::rank;
    static_assert(rank == 1 || rank == 2, "tenon: a bias is a vector, a state (batch, hidden)");
    if constexpr (rank == 1) return s[0] == wide;
    else return s[0] == x[1] && s[1] == hidden;
  };
  if (x[2] != wi[0] || wi[1] != wide || wh[1] != wide || !(fits(v) && ...)) [[unlikely]] {
    std::string shapes =
        "x is " + to_string(x) + ", weight_input " + to_string(wi) + ", weight_hidden " + to_string(wh);
    ((shapes += (V::rank == 1 ? ", a bias " : ", a state ") + to_string(v)), ...);
    recurrent_clash(op, Gates, shapes, at);
  }
}

}  // namespace tenon::inline TENON_ABI::detail
