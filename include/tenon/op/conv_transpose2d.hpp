// conv_transpose2d(x, weight, {.stride, .padding, .output_padding, .dilation, .groups})
#pragma once

#include "tenon/op/conv2d.hpp"
#include "tenon/tensor/structured.hpp"

namespace tenon::inline TENON_ABI {

struct ConvTranspose2dOptions {
  Pair stride = 1;
  Pair padding = 0;         ///< rows and columns cut off at each side of y
  Pair output_padding = 0;  ///< rows below and columns right of y that a conv2d of y with this stride would not reach
  Pair dilation = 1;        ///< distance between taps
  Index groups = 1;         ///< parts of the channels, each with filters of its own
};

/// The transpose of conv2d, PyTorch's conv_transpose2d: what conv2d's derivative makes of dy. Each pixel of x adds a
/// multiple of the filters to y, `stride` apart: y(n, o, p stride + r dilation - padding, ...) += x(n, c, p, q)
/// weight(c, o', r, s), o' = o in the group of c.
/// Shapes:     x (n, channels, h, w), weight (channels, out / groups, kh, kw) -> y (n, out, p, q) with
///             p = (h - 1) stride - 2 padding + dilation (kh - 1) + 1 + output_padding; p and q are run-time extents
/// Derivative: dx is conv2d(dy, weight), dweight is dy correlated with x
/// Accuracy:   |error| <= k eps |weight||x| for each element, k the products in it; likewise the gradients
/// Cost:       as conv2d and its derivatives; an elementwise rest (a bias) is a pass of its own
/// Throws:     ShapeError when the channels do not fit, when nothing is left of y, for options that are not positive
///             (paddings: negative) and an output_padding of stride and dilation or more. Other dtypes than float and
///             double do not compile
/// Source:     Dumoulin, Visin, A guide to convolution arithmetic for deep learning, 2016, arXiv 1603.07285
struct ConvTranspose2d {
  static constexpr std::string_view name = "conv_transpose2d";
  static constexpr bool dense_operands = true;  // as the dy of conv2d is
  ConvTranspose2dOptions options;

  template <class SX, class SW> auto shape(Loc at, const SX& x, const SW& w) const;
  template <class Y, class X, class W> void forward(std::byte*, Y y, X x, W w) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const Span<const T, 4> shape_of_y{nullptr, y.extent, y.stride};  // not read: nobody asks for the weight's gradient
    conv().backward(shape_of_y, w, x, Gradient<T, 4>{y, Write::store}, Gradient<T, 4>{});
  }
  template <class Y, class DY, class X, class W, class DX, class DW>
  void backward(const std::byte*, Y, DY dy, X x, W w, DX dx, DW dw) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (dx) {
      const Index n = dx.size();
      const memory::Scratch scratch(dx.mode == Write::add ? n * static_cast<Index>(sizeof(T)) : 0);
      T* to = dx.mode == Write::add ? reinterpret_cast<T*>(scratch.bytes()) : dx.data;
      conv().forward(dy, w, Span<T, 4>{to, dx.extent, dx.stride}, [](Index, Index, Index, Index) {});
      for (Index i = 0; i < n && dx.mode == Write::add; ++i) dx.data[i] = dx.data[i] + to[i];
    }
    if (dw) conv().backward(dy, w, x, Gradient<T, 4>{}, dw);
  }

 private:
  Conv2d conv() const {
    return {
        {.stride = options.stride, .padding = options.padding, .dilation = options.dilation, .groups = options.groups}};
  }
};

namespace detail {

[[noreturn]] TENON_COLD inline void transposed_clash(const std::string& x, const std::string& w,
                                                     const std::string& what, Loc at) {
  throw ShapeError(at, "tenon::conv_transpose2d: x of shape " + x + " and weight of shape " + w + ": " + what,
                   "x is (n, in, rows, columns), weight (in, out / groups, rows, columns)");
}
/// Outputs along dimension d (0: rows).
template <class SX, class SW>
Index transposed_outputs(const ConvTranspose2dOptions& o, const SX& x, const SW& w, int d, Loc at) {
  const auto u = static_cast<std::size_t>(d);
  const auto s = [&](const Pair& p) { return std::to_string(p.of[u]); };
  const Index stride = o.stride.of[u], dilation = o.dilation.of[u], more = o.output_padding.of[u];
  if (stride < 1 || dilation < 1 || o.padding.of[u] < 0 || more < 0)
    transposed_clash(to_string(x), to_string(w),
                     "stride " + s(o.stride) + ", dilation " + s(o.dilation) + ", padding " + s(o.padding) +
                         ", output_padding " + s(o.output_padding) + " are not all positive (paddings: 0 or more)",
                     at);
  if (more >= stride && more >= dilation)
    transposed_clash(to_string(x), to_string(w),
                     "output_padding " + s(o.output_padding) + " is not below stride " + s(o.stride) + " or dilation " +
                         s(o.dilation),
                     at);
  const Index n = (x[2 + d] - 1) * stride - 2 * o.padding.of[u] + dilation * (w[2 + d] - 1) + 1 + more;
  if (x[2 + d] < 1 || w[2 + d] < 1 || n < 1)
    transposed_clash(to_string(x), to_string(w),
                     std::string("no ") + (d == 0 ? "rows" : "columns") + " are left of the result", at);
  return n;
}

}  // namespace detail

template <class SX, class SW> auto ConvTranspose2d::shape(Loc at, const SX& x, const SW& w) const {
  static_assert(SX::rank == 4 && SW::rank == 4,
                "tenon::conv_transpose2d: x is (images, channels, rows, columns), weight (channels, filters / groups, "
                "rows, columns)");
  constexpr bool fits = may_equal(SX::pattern[1], SW::pattern[0]);
  if constexpr (!fits) (void)sizeof(shapes_do_not_match<SX, SW>);
  static_assert(fits,
                "tenon::conv_transpose2d: the channels of x are not those of weight, its first extent; both shapes "
                "stand in shapes_do_not_match<...> above");
  if (x[1] != w[0])
    detail::transposed_clash(to_string(x), to_string(w),
                             "x has " + std::to_string(x[1]) + " channels but weight has " + std::to_string(w[0]), at);
  if (options.groups < 1 || x[1] % options.groups != 0)
    detail::transposed_clash(
        to_string(x), to_string(w),
        std::to_string(x[1]) + " channels do not split into " + std::to_string(options.groups) + " groups", at);
  const Index rows = detail::transposed_outputs(options, x, w, 0, at);
  const Index columns = detail::transposed_outputs(options, x, w, 1, at);
  return Shape<SX::pattern[0], dyn, dyn, dyn>({x[0], w[1] * options.groups, rows, columns}, at);
}

/// The options are written by name: conv_transpose2d(x, weight, {.stride = 2, .padding = 1, .output_padding = 1}).
template <tensor_like X, tensor_like W>
auto conv_transpose2d(X&& x, W&& weight, const ConvTranspose2dOptions& options = {}, Loc at = Loc::current()) {
  using T = common_dtype_t<dtype_of_t<X>, dtype_of_t<W>>;
  static_assert(std::is_floating_point_v<primal_t<T>>,
                "tenon::conv_transpose2d: elements are float or double, the same for both; write cast<float>(x)");
  return structured(ConvTranspose2d{options}, at, lift_operand<T>(std::forward<X>(x)),
                    lift_operand<T>(std::forward<W>(weight)));
}

}  // namespace tenon::inline TENON_ABI
