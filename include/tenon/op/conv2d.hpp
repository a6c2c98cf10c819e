// conv2d(x, weight, {.stride, .padding, .dilation, .groups})
#pragma once

#include "tenon/op/conv2d_passes.hpp"
#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI {

/// Cross-correlation of images with filters, PyTorch's conv2d: y(n, o, p, q) = sum over c, r, s of
/// weight(o, c, r, s) x(n, c', p stride + r dilation - padding, ...), c' = c in the group of o; zeros around x.
/// Shapes:     x (n, channels, h, w), weight (out, channels / groups, kh, kw) -> y (n, out, p, q) with
///             p = (h + 2 padding - dilation (kh - 1) - 1) / stride + 1, rounded down; p and q are run-time extents
/// Derivative: dx is dy correlated with the weight's taps in reverse order, dweight is x correlated with dy
/// Accuracy:   |error| <= k eps |weight||x| for each element, k = channels / groups kh kw; likewise the gradients. The
///             same bits on any number of threads
/// Fuses:      as matmul: the elementwise rest (a bias of shape (out, 1, 1), an activation) runs on y in cache
/// Cost:       no matrix of taps and pixels is made; memory: the padded rows of some channels, at most some 300 KiB a
///             thread unless one row is larger, and the outputs of these rows; in backward 16 copies of the weight, or
///             4 MiB of them
/// Throws:     ShapeError when the channels do not fit, when the dilated filter is larger than the padded image, and for
///             options that are not positive (padding: negative). Other dtypes than float and double do not compile
struct Conv2d {
  static constexpr std::string_view name = "conv2d";
  Conv2dOptions options;

  template <class X, class W, class Y, class Epilogue> void forward(X x, W w, Y y, Epilogue&& epilogue) const;
  template <class X, class W, class Y, class DX, class DW> void backward(X x, W w, Y dy, DX dx, DW dw) const;

  // The same for a y that nobody keeps, of extents y: what follows takes it, and gives its gradient, some images at a time.
  static constexpr bool by_images = true;
  /// sink(first, n, y of n images, row-major), on any thread.
  template <class T, class Sink>
  void forward_images(Span<const T, 4> x, Span<const T, 4> w, const std::array<Index, 4>& y, Sink sink) const;
  /// source(image, first, planes, to) writes planes of dy, row-major, on any thread and maybe more than once.
  template <class T, class Source, class DX, class DW>
  void backward_images(Span<const T, 4> x, Span<const T, 4> w, const std::array<Index, 4>& y, Source source, DX dx,
                       DW dw) const;
};

namespace detail {

[[noreturn]] TENON_COLD inline void conv2d_clash(const std::string& x, const std::string& w, const std::string& what,
                                                 Loc at) {
  throw ShapeError(at, "tenon::conv2d: x of shape " + x + " and weight of shape " + w + ": " + what,
                   "weight is (out, in / groups, rows, columns); check it, and stride, padding, dilation and groups");
}
/// Outputs along dimension d (0: rows).
template <class SX, class SW> Index conv_outputs(const Conv2dOptions& o, const SX& x, const SW& w, int d, Loc at) {
  const auto u = static_cast<std::size_t>(d);
  const Index stride = o.stride.of[u], padding = o.padding.of[u], dilation = o.dilation.of[u], taps = w[2 + d];
  if (stride < 1 || dilation < 1 || padding < 0)
    conv2d_clash(to_string(x), to_string(w),
                 "stride " + std::to_string(stride) + ", padding " + std::to_string(padding) + ", dilation " +
                     std::to_string(dilation) + " are not all positive (padding: 0 or more)",
                 at);
  const Index room = x[2 + d] + 2 * padding - dilation * (taps - 1) - 1;
  if (room < 0 || taps < 1)
    conv2d_clash(to_string(x), to_string(w),
                 std::string("the filter's ") + (d == 0 ? "rows" : "columns") + " reach over " +
                     std::to_string(dilation * (taps - 1) + 1) + " but the padded image has " +
                     std::to_string(x[2 + d] + 2 * padding),
                 at);
  return room / stride + 1;
}
template <class SX, class SW> auto conv2d_shape(const Conv2dOptions& o, const SX& x, const SW& w, Loc at) {
  static_assert(SX::rank == 4, "tenon::conv2d: x is (images, channels, rows, columns); unsqueeze(x, axis<0>) adds one");
  static_assert(SW::rank == 4, "tenon::conv2d: weight is (filters, channels / groups, rows, columns)");
  constexpr Index cx = SX::pattern[1], cw = SW::pattern[1];
  constexpr bool fits = cx == dyn || cw == dyn || (cw > 0 && cx % cw == 0);
  if constexpr (!fits) (void)sizeof(shapes_do_not_match<SX, SW>);
  static_assert(fits,
                "tenon::conv2d: the channels of x are not those of weight, nor a multiple (groups); both shapes "
                "stand in shapes_do_not_match<...> above");
  if (o.groups < 1 || x[1] != w[1] * o.groups)
    conv2d_clash(to_string(x), to_string(w),
                 "x has " + std::to_string(x[1]) + " channels but the filters have " + std::to_string(w[1]) + " in " +
                     std::to_string(o.groups) + (o.groups == 1 ? " group" : " groups"),
                 at);
  if (w[0] % o.groups != 0)
    conv2d_clash(to_string(x), to_string(w),
                 std::to_string(w[0]) + " filters do not split into " + std::to_string(o.groups) + " groups", at);
  const Index p = conv_outputs(o, x, w, 0, at), q = conv_outputs(o, x, w, 1, at);
  return Shape<SX::pattern[0], SW::pattern[0], dyn, dyn>({x[0], w[0], p, q}, at);
}

}  // namespace detail

template <class X, class W, class Y, class Epilogue> void Conv2d::forward(X x, W w, Y y, Epilogue&& epilogue) const {
  using T = std::remove_reference_t<decltype(*y.data)>;
  detail::conv_forward<T>(options, x, w, y, Write::store, epilogue);
}
template <class X, class W, class Y, class DX, class DW> void Conv2d::backward(X x, W w, Y dy, DX dx, DW dw) const {
  using T = std::remove_const_t<std::remove_reference_t<decltype(*dy.data)>>;
  if (dx) detail::conv_backward_data<T>(options, w, dy, static_cast<const Span<T, 4>&>(dx), dx.mode);
  if (dw) detail::conv_backward_weight<T>(options, x, dy, static_cast<const Span<T, 4>&>(dw), dw.mode);
}

template <class T, class Sink>
void Conv2d::forward_images(Span<const T, 4> x, Span<const T, 4> w, const std::array<Index, 4>& y, Sink sink) const {
  const auto images = detail::row_major_images<T>(nullptr, y);
  detail::correlate_images(detail::conv_correlation(options, x, w, images, Write::store), nullptr, sink);
}
template <class T, class Source, class DX, class DW>
void Conv2d::backward_images(Span<const T, 4> x, Span<const T, 4> w, const std::array<Index, 4>& y, Source source,
                             DX dx, DW dw) const {
  const auto dy = detail::row_major_images<const T>(nullptr, y);
  const Index image = y[1] * y[2] * y[3];
  if (dx)
    detail::conv_backward_data<T>(options, w, dy, static_cast<const Span<T, 4>&>(dx), dx.mode,
                                  [&](Index first, Index n, T* to) {
                                    for (Index i = 0; i < n; ++i) source(first + i, 0, y[1], to + i * image);
                                  });
  if (dw)
    detail::conv_backward_weight<T>(options, x, dy, static_cast<const Span<T, 4>&>(dw), dw.mode,
                                    {&source, [](void* self, Index i, Index first, Index planes, T* to) {
                                       (*static_cast<Source*>(self))(i, first, planes, to);
                                     }});
}

/// The options of Conv2d are written by name: conv2d(x, weight, {.stride = 2, .padding = 1}).
template <class X, class W>
requires operands<X> && operands<W>
auto conv2d(X&& x, W&& weight, const Conv2dOptions& options = {}, Loc at = Loc::current()) {
  static_assert(std::is_floating_point_v<primal_t<dtype_of_t<X>>> && std::is_floating_point_v<primal_t<dtype_of_t<W>>>,
                "tenon::conv2d: elements are float or double; write cast<float>(x)");
  return build::product(Conv2d{options}, std::forward<X>(x), std::forward<W>(weight), at,
                        [&](const auto& sx, const auto& sw) { return detail::conv2d_shape(options, sx, sw, at); });
}

}  // namespace tenon::inline TENON_ABI
