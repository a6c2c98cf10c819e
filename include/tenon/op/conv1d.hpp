// conv1d(x, weight, {.stride, .padding, .dilation, .groups})
#pragma once

#include "tenon/op/conv2d.hpp"

namespace tenon::inline TENON_ABI {

struct Conv1dOptions {
  Index stride = 1;
  Index padding = 0;   ///< zeros at each end
  Index dilation = 1;  ///< distance between taps
  Index groups = 1;    ///< parts of the channels, each with filters of its own
};

/// Cross-correlation of sequences with filters, PyTorch's conv1d: a conv2d of images with one row.
/// Shapes:     x (n, channels, length), weight (out, channels / groups, taps) -> y (n, out, q) with
///             q = (length + 2 padding - dilation (taps - 1) - 1) / stride + 1, rounded down; a run-time extent
/// Derivative, accuracy, fusing, cost: as conv2d
/// Throws:     ShapeError when the channels do not fit, when the dilated filter is longer than the padded sequence, and
///             for options that are not positive (padding: negative). Other dtypes than float and double do not compile
struct Conv1d {
  static constexpr std::string_view name = "conv1d";
  Conv1dOptions options;

  template <class X, class W, class Y, class Epilogue> void forward(X x, W w, Y y, Epilogue&& epilogue) const {
    images().forward(image(x), image(w), image(y), epilogue);
  }
  template <class X, class W, class Y, class DX, class DW> void backward(X x, W w, Y dy, DX dx, DW dw) const {
    images().backward(image(x), image(w), image(dy), image_gradient(dx), image_gradient(dw));
  }

 private:
  Conv2d images() const {
    const auto& o = options;
    return {{.stride = {1, o.stride}, .padding = {0, o.padding}, .dilation = {1, o.dilation}, .groups = o.groups}};
  }
  /// With a row: its stride is never used.
  template <class T> static Span<T, 4> image(const Span<T, 3>& s) {
    return {s.data, {s.extent[0], s.extent[1], 1, s.extent[2]}, {s.stride[0], s.stride[1], s.stride[1], s.stride[2]}};
  }
  template <class T> static Gradient<T, 4> image_gradient(const Gradient<T, 3>& g) {
    return {image(static_cast<const Span<T, 3>&>(g)), g.mode};
  }
};

namespace detail {

[[noreturn]] TENON_COLD inline void conv1d_clash(const std::string& shapes, const std::string& what, Loc at) {
  throw ShapeError(
      at, "tenon::conv1d: " + shapes + ": " + what,
      "check stride, padding and dilation, and that x and weight are (n, in, length) and (out, in / groups, k)");
}
/// x and w are the shapes of the operands, as extents; what does not fit is said of `shapes`, which is them in words.
TENON_COLD inline void refuse_conv1d(const Conv1dOptions& o, const std::string& shapes, const std::array<Index, 3>& x,
                                     const std::array<Index, 3>& w, Loc at) {
  if (o.stride < 1 || o.dilation < 1 || o.padding < 0)
    conv1d_clash(shapes,
                 "stride " + std::to_string(o.stride) + ", padding " + std::to_string(o.padding) + ", dilation " +
                     std::to_string(o.dilation) + " are not all positive (padding: 0 or more)",
                 at);
  if (o.groups < 1 || x[1] != w[1] * o.groups)
    conv1d_clash(shapes,
                 "x has " + std::to_string(x[1]) + " channels but the filters have " + std::to_string(w[1]) + " in " +
                     std::to_string(o.groups) + (o.groups == 1 ? " group" : " groups"),
                 at);
  if (w[0] % o.groups != 0)
    conv1d_clash(shapes, std::to_string(w[0]) + " filters do not split into " + std::to_string(o.groups) + " groups",
                 at);
  conv1d_clash(shapes,
               "the filter reaches over " + std::to_string(w[2] > 0 ? o.dilation * (w[2] - 1) + 1 : 0) +
                   " but the padded sequence has " + std::to_string(x[2] + 2 * o.padding),
               at);
}
template <class SX, class SW> auto conv1d_shape(const Conv1dOptions& o, const SX& x, const SW& w, Loc at) {
  static_assert(SX::rank == 3 && SW::rank == 3,
                "tenon::conv1d: x is (n, channels, length), weight (filters, channels / groups, taps)");
  constexpr Index cx = SX::pattern[1], cw = SW::pattern[1];
  constexpr bool fits = cx == dyn || cw == dyn || (cw > 0 && cx % cw == 0);
  if constexpr (!fits) (void)sizeof(shapes_do_not_match<SX, SW>);
  static_assert(fits,
                "tenon::conv1d: the channels of x are not those of weight, nor a multiple (groups); both shapes "
                "stand in shapes_do_not_match<...> above");
  const Index reach = w[2] > 0 ? o.dilation * (w[2] - 1) + 1 : 0, room = x[2] + 2 * o.padding;
  if (o.stride < 1 || o.dilation < 1 || o.padding < 0 || o.groups < 1 || x[1] != w[1] * o.groups ||
      w[0] % o.groups != 0 || reach < 1 || room < reach) [[unlikely]]
    refuse_conv1d(o, "x of shape " + to_string(x) + " and weight of shape " + to_string(w), x.extents(), w.extents(),
                  at);
  return Shape<SX::pattern[0], SW::pattern[0], dyn>({x[0], w[0], (room - reach) / o.stride + 1}, at);
}

}  // namespace detail

/// The options of Conv1d are written by name: conv1d(x, weight, {.padding = 2, .dilation = 2}).
template <class X, class W>
requires operands<X> && operands<W>
auto conv1d(X&& x, W&& weight, const Conv1dOptions& options = {}, Loc at = Loc::current()) {
  static_assert(std::is_floating_point_v<primal_t<dtype_of_t<X>>> && std::is_floating_point_v<primal_t<dtype_of_t<W>>>,
                "tenon::conv1d: elements are float or double; write cast<float>(x)");
  return build::product(Conv1d{options}, std::forward<X>(x), std::forward<W>(weight), at,
                        [&](const auto& sx, const auto& sw) { return detail::conv1d_shape(options, sx, sw, at); });
}

}  // namespace tenon::inline TENON_ABI
