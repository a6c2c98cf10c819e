// layer_norm(x, weight, bias), rms_norm(x, weight)
#pragma once

#include "tenon/kernel/norm.hpp"
#include "tenon/op/sqrt.hpp"  // of duals: the kernel finds it by argument
#include "tenon/tensor/structured.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI {

struct NormOptions {
  double epsilon = 1e-5;  ///< added to the variance, so that equal elements do not divide by 0
};

namespace detail {

template <class X> Index row_length(const X& x) { return x.extent.back(); }
template <class X> Index row_count(const X& x) {
  Index n = 1;
  for (std::size_t d = 0; d + 1 < x.extent.size(); ++d) n *= x.extent[d];
  return n;
}

/// What layer_norm and rms_norm share. Of three operands, Norm<true>; of two, without a bias, Norm<false>.
template <bool Centred> struct RowNorm {
  static constexpr bool dense_operands = true;
  double epsilon;

  template <class S, class... V> S shape(Loc, const S& x, const V&...) const { return x; }
  template <class X, class... V> Index saved_bytes(X x, V...) const {
    return (Centred ? 2 : 1) * row_count(x) * static_cast<Index>(sizeof(*x.data));
  }
  template <class Y, class X, class W, class... B> void forward(std::byte* saved, Y y, X x, W weight, B... bias) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const T* b = nullptr;
    ((b = bias.data), ...);
    kernel::Norm<Centred, T>::forward(row_count(x), row_length(x), x.data, weight.data, b,
                                      static_cast<primal_t<T>>(epsilon), y.data, moments<T>(saved, row_count(x)));
  }

 protected:
  template <class DY, class X, class W, class DX, class... Sums>
  static void backward_of(const std::byte* saved, DY dy, X x, W weight, DX dx, Sums... sums) {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    using Kernel = kernel::Norm<Centred, T>;
    const Index rows = row_count(x), n = row_length(x);
    const memory::Scratch scratch(Kernel::scratch_size(rows, n) * static_cast<Index>(sizeof(T)));
    T* parts = reinterpret_cast<T*>(scratch.bytes());
    Kernel::backward(rows, n, x.data, dy.data, weight.data, moments<T>(const_cast<std::byte*>(saved), rows), dx.data,
                     dx.mode, parts);
    Index which = 0;
    auto add = [&](const auto& to) {
      if (to) Kernel::add_parts(rows, n, parts, which, to.data, to.mode);
      ++which;
    };
    (add(sums), ...);
  }

 private:
  template <class T> static kernel::RowMoments<T> moments(std::byte* saved, Index rows) {
    T* m = reinterpret_cast<T*>(saved);
    if constexpr (Centred) return {m, m + rows};
    else return {nullptr, m};
  }
};

template <class X, class V> void check_norm_vector(std::string_view op, const X& x, const V& v, Loc at) {
  static_assert(X::rank > 0 && V::rank == 1, "tenon: a norm takes rows and a vector of their length");
  constexpr bool fits = may_equal(X::pattern.back(), V::pattern[0]);
  if constexpr (!fits) (void)sizeof(shapes_do_not_match<X, V>);
  static_assert(fits,
                "tenon: a norm's weight and bias have the length of x's rows; both shapes stand in "
                "shapes_do_not_match<...> above");
  if (x[X::rank - 1] != v[0]) [[unlikely]]
    throw ShapeError(
        at,
        "tenon::" + std::string(op) + ": x of shape " + to_string(x) + " but weight or bias of shape " + to_string(v),
        "weight and bias have the extent of the last dimension of x");
}
template <class Op, class X, class... V> auto row_norm(Loc at, double epsilon, X&& x, V&&... vectors) {
  using T = common_dtype_t<dtype_of_t<X>, dtype_of_t<V>...>;
  static_assert(std::is_floating_point_v<primal_t<T>>,
                "tenon: norms are of float or double, the same for x, weight and bias; write cast<float>(x)");
  (check_norm_vector(Op::name, x.shape(), vectors.shape(), at), ...);
  if (!(epsilon >= 0)) [[unlikely]]
    throw ValueError(at, "tenon::" + std::string(Op::name) + ": epsilon is " + std::to_string(epsilon),
                     "give a positive number, for example 1e-5");
  return structured(Op{{epsilon}}, at, lift_operand<T>(std::forward<X>(x)),
                    lift_operand<T>(std::forward<V>(vectors))...);
}

}  // namespace detail

/// y = (x - mean) / sqrt(variance + epsilon) weight + bias, with mean and variance (divided by n) of each row, the last
/// dimension: layer_norm(x, weight, bias), layer_norm(x, weight, bias, {.epsilon = 1e-6}).
/// Shapes:     x (..., n), weight (n), bias (n) -> (..., n)
/// Derivative: with h = (x - mean) s, s = 1 / sqrt(variance + epsilon), g = dy weight:
///             dx = s (g - mean(g) - h mean(g h)), dweight = sum(dy h) and dbias = sum(dy) over rows
/// Accuracy:   4 ulp of the largest |x - mean| s |weight| + |bias|, for rows of up to 4096
/// Saves:      two numbers a row
/// Cost:       a pass over x each way; a view with gaps is copied first
/// Edge:       rows of equal elements give bias; no elements a row give an empty result
/// Throws:     ShapeError when a vector's length is not that of a row; ValueError for a negative epsilon
/// Source:     Ba, Kiros, Hinton, Layer normalization, 2016, arXiv 1607.06450
struct LayerNorm : detail::RowNorm<true> {
  static constexpr std::string_view name = "layer_norm";
  template <class Y, class DY, class X, class W, class B, class DX, class DW, class DB>
  void backward(const std::byte* saved, Y, DY dy, X x, W weight, B, DX dx, DW dweight, DB dbias) const {
    backward_of(saved, dy, x, weight, dx, dweight, dbias);
  }
};
template <tensor_like X, tensor_like W, tensor_like B>
auto layer_norm(X&& x, W&& weight, B&& bias, NormOptions options = {}, Loc at = Loc::current()) {
  return detail::row_norm<LayerNorm>(at, options.epsilon, std::forward<X>(x), std::forward<W>(weight),
                                     std::forward<B>(bias));
}

/// y = x / sqrt(mean(x^2) + epsilon) weight along the last dimension: rms_norm(x, weight).
/// Shapes:     x (..., n), weight (n) -> (..., n)
/// Derivative: with s = 1 / sqrt(mean(x^2) + epsilon), h = x s, g = dy weight:
///             dx = s (g - h mean(g h)), dweight = sum(dy h) over rows
/// Accuracy, cost, throws: as layer_norm
/// Saves:      a number a row
/// Source:     Zhang, Sennrich, Root mean square layer normalization, NeurIPS 2019
struct RMSNorm : detail::RowNorm<false> {
  static constexpr std::string_view name = "rms_norm";
  template <class Y, class DY, class X, class W, class DX, class DW>
  void backward(const std::byte* saved, Y, DY dy, X x, W weight, DX dx, DW dweight) const {
    backward_of(saved, dy, x, weight, dx, dweight);
  }
};
template <tensor_like X, tensor_like W>
auto rms_norm(X&& x, W&& weight, NormOptions options = {}, Loc at = Loc::current()) {
  return detail::row_norm<RMSNorm>(at, options.epsilon, std::forward<X>(x), std::forward<W>(weight));
}

}  // namespace tenon::inline TENON_ABI
