// conv2d(x, weight, {.stride, .padding, .dilation, .groups})
#pragma once

#include "tenon/kernel/conv.hpp"
#include "tenon/kernel/conv_weights.hpp"
#include "tenon/memory/scratch.hpp"
#include "tenon/op/pair.hpp"
#include "tenon/simd/parallel.hpp"
#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI {

struct Conv2dOptions {
  Pair stride = 1;
  Pair padding = 0;   ///< zeros at each side
  Pair dilation = 1;  ///< distance between taps
  Index groups = 1;   ///< parts of the channels, each with filters of its own
};

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
};

namespace detail {

template <class T> using Images = Span<T, 4>;

/// The value or tangent parts of duals: they lie interleaved, two strides apart.
template <class D> auto part_of(const Images<D>& s, bool tangent) {
  using V = typename std::remove_const_t<D>::value_type;
  using X = std::conditional_t<std::is_const_v<D>, const V, V>;
  Images<X> p{s.data ? reinterpret_cast<X*>(s.data) + tangent : nullptr, s.extent, s.stride};
  for (auto& x : p.stride) x *= 2;
  return p;
}

/// run(task, memory) for each task, in `parts` parts, a thread and `bytes` bytes of `scratch` each.
template <class Run> void run_tasks(Index tasks, Index parts, std::byte* scratch, Index bytes, Run run) {
  simd::parallel_for(parts, 1, [&](Index first, Index last) {
    for (Index part = first; part < last; ++part)
      for (Index task = tasks * part / parts; task < tasks * (part + 1) / parts; ++task)
        run(task, scratch + part * bytes);
  });
}
/// Parts of `tasks`, one a thread: each has 4 million operations or more, some 25 microseconds.
inline Index task_parts(Index tasks, double flops) {
  const Index most = static_cast<Index>(flops / (1 << 22)), threads = most < 2 ? 1 : simd::thread_count();
  const Index parts = kernel::smaller(tasks, kernel::smaller(threads, most));
  return parts > 1 ? parts : 1;
}

template <class T> void correlate(const kernel::Correlation<T>& c) {
  const Index tasks = c.tasks();
  if (tasks == 0 || c.y.size() == 0) return;
  const double flops = 2.0 * static_cast<double>(c.y.size()) * static_cast<double>(c.k());
  const Index parts = task_parts(tasks, flops), filters = c.filters_bytes(), bytes = c.scratch_bytes();
  const memory::Scratch scratch(filters + parts * bytes);  // taken here: a thread of the team must not throw
  c.pack_filters(scratch.bytes());
  run_tasks(tasks, parts, scratch.bytes() + filters, bytes,
            [&](Index task, std::byte* own) { c.run(task, scratch.bytes(), own); });
}

inline kernel::ConvWindow conv_window(const Conv2dOptions& o, const std::array<Index, 4>& y,
                                      const std::array<Index, 4>& w) {
  return {{y[2], y[3]}, {w[2], w[3]}, o.stride.of, o.dilation.of, {-o.padding.of[0], -o.padding.of[1]}};
}

template <class T, class Epilogue>
void conv_forward(const Conv2dOptions& o, Images<const T> x, Images<const T> w, Images<T> y, Write mode,
                  Epilogue&& epilogue) {
  if constexpr (is_dual_v<T>) {  // the product rule
    using V = typename T::value_type;
    const auto none = [](Index, Index, Index, Index) {};
    conv_forward<V>(o, part_of(x, false), part_of(w, false), part_of(y, false), mode, none);
    conv_forward<V>(o, part_of(x, true), part_of(w, false), part_of(y, true), mode, none);
    conv_forward<V>(o, part_of(x, false), part_of(w, true), part_of(y, true), Write::add, none);
    if (y.size() > 0) epilogue(0, 0, y.extent[0] * y.extent[1] * y.extent[2], y.extent[3]);
  } else {
    const kernel::ConvWindow window = conv_window(o, y.extent, w.extent);
    w.extent[0] /= o.groups;
    kernel::Correlation<T> c{x, w, w.extent[0] * w.stride[0], y, o.groups, window, mode == Write::add};
    c.done.self = const_cast<void*>(static_cast<const void*>(&epilogue));
    c.done.call = [](void* self, Index i, Index j, Index rows, Index columns) {
      (*static_cast<std::remove_reference_t<Epilogue>*>(self))(i, j, rows, columns);
    };
    correlate(c);
  }
}

/// The taps of one dimension that reach source elements whose number is `phase` modulo the stride, and those elements.
struct ConvPhase {
  Index first_tap, tap_step, taps;  ///< the weight's
  Index first, count;               ///< of the elements of dx, `stride` apart
  Index first_output, output_step;  ///< which output the last of these taps meets at the first element, and the next

  ConvPhase(Index phase, Index stride, Index dilation, Index padding, Index kernel, Index size) {
    tap_step = 1;
    while (tap_step * dilation % stride != 0) ++tap_step;
    first_tap = 0;
    while (first_tap < tap_step && first_tap * dilation % stride != phase) ++first_tap;
    taps = first_tap < tap_step && first_tap < kernel ? (kernel - first_tap + tap_step - 1) / tap_step : 0;
    first = ((phase - padding) % stride + stride) % stride;
    count = first < size ? (size - first + stride - 1) / stride : 0;
    output_step = tap_step * dilation / stride;
    first_output = taps == 0 ? 0 : (first + padding - first_tap * dilation) / stride - (taps - 1) * output_step;
  }
};

/// dx = or += dy correlated with the reversed taps: a correlation of stride 1 for each remainder of a row and of a
/// column of dx modulo the strides.
template <class T>
void conv_backward_data(const Conv2dOptions& o, Images<const T> w, Images<const T> dy, Images<T> dx, Write mode) {
  if constexpr (is_dual_v<T>) {
    conv_backward_data(o, part_of(w, false), part_of(dy, false), part_of(dx, false), mode);
    conv_backward_data(o, part_of(w, true), part_of(dy, false), part_of(dx, true), mode);
    conv_backward_data(o, part_of(w, false), part_of(dy, true), part_of(dx, true), Write::add);
  } else {
    const auto phase = [&](std::size_t d, Index p) {
      return ConvPhase(p, o.stride.of[d], o.dilation.of[d], o.padding.of[d], w.extent[2 + d], dx.extent[2 + d]);
    };
    const Index outputs = w.extent[0] / o.groups;
    for (Index i = 0; i < o.stride.of[0]; ++i)
      for (Index j = 0; j < o.stride.of[1]; ++j) {
        const ConvPhase r = phase(0, i), s = phase(1, j);
        if (r.count == 0 || s.count == 0) continue;
        const bool any = r.taps > 0 && s.taps > 0;
        if (!any && mode == Write::add) continue;
        const Index last_r = r.first_tap + (r.taps - 1) * r.tap_step, last_s = s.first_tap + (s.taps - 1) * s.tap_step;
        const Images<const T> reversed{
            any ? &w(0, 0, last_r, last_s) : w.data,
            {w.extent[1], any ? outputs : 0, any ? r.taps : 1, any ? s.taps : 1},
            {w.stride[1], w.stride[0], -r.tap_step * w.stride[2], -s.tap_step * w.stride[3]}};
        const Images<T> to{&dx(0, 0, r.first, s.first),
                           {dx.extent[0], dx.extent[1], r.count, s.count},
                           {dx.stride[0], dx.stride[1], o.stride.of[0] * dx.stride[2], o.stride.of[1] * dx.stride[3]}};
        correlate<T>({dy,
                      reversed,
                      outputs * w.stride[0],
                      to,
                      o.groups,
                      {{r.count, s.count},
                       {reversed.extent[2], reversed.extent[3]},
                       {1, 1},
                       {r.output_step, s.output_step},
                       {r.first_output, s.first_output}},
                      mode == Write::add});
      }
  }
}

template <class T>
void conv_backward_weight(const Conv2dOptions& o, Images<const T> x, Images<const T> dy, Images<T> dw, Write mode) {
  if constexpr (is_dual_v<T>) {
    conv_backward_weight(o, part_of(x, false), part_of(dy, false), part_of(dw, false), mode);
    conv_backward_weight(o, part_of(x, true), part_of(dy, false), part_of(dw, true), mode);
    conv_backward_weight(o, part_of(x, false), part_of(dy, true), part_of(dw, true), Write::add);
  } else {
    const kernel::FilterGradient<T> g{x, dy, dw, o.groups, conv_window(o, dy.extent, dw.extent), mode};
    if (dw.size() == 0) return;
    if (dy.size() == 0) {
      for (Index i = 0; i < dw.size() && mode == Write::store; ++i) dw.data[i] = T(0);
      return;
    }
    const Index tasks = g.tasks(), sums = g.sums_bytes(), bytes = g.scratch_bytes();
    const double flops = 2.0 * static_cast<double>(dy.size()) * static_cast<double>(g.k());
    const Index parts = task_parts(tasks, flops);
    const memory::Scratch scratch(sums + parts * bytes);
    run_tasks(tasks, parts, scratch.bytes() + sums, bytes,
              [&](Index task, std::byte* own) { g.run(task, scratch.bytes(), own); });
    g.merge(scratch.bytes());
  }
}

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
