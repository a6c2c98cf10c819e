// The passes of a convolution over images in memory, or made and taken some images at a time: scratch, threads, duals.
#pragma once

#include "tenon/base/dual.hpp"
#include "tenon/kernel/conv.hpp"
#include "tenon/kernel/conv_weights.hpp"
#include "tenon/memory/scratch.hpp"
#include "tenon/op/pair.hpp"
#include "tenon/simd/parallel.hpp"

namespace tenon::inline TENON_ABI {

struct Conv2dOptions {
  Pair stride = 1;
  Pair padding = 0;   ///< zeros at each side
  Pair dilation = 1;  ///< distance between taps
  Index groups = 1;   ///< parts of the channels, each with filters of its own
};

namespace detail {

template <class T> using Images = Span<T, 4>;
template <class T> Images<T> row_major_images(T* data, const std::array<Index, 4>& e) {
  return {data, e, {e[1] * e[2] * e[3], e[2] * e[3], e[3], 1}};
}

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

template <class T> double correlation_flops(const kernel::Correlation<T>& c) {
  return 2.0 * static_cast<double>(c.y.size()) * static_cast<double>(c.k());
}
template <class T> void correlate(const kernel::Correlation<T>& c) {
  const Index tasks = c.tasks();
  if (tasks == 0 || c.y.size() == 0) return;
  const Index parts = task_parts(tasks, correlation_flops(c)), filters = c.filters_bytes(), bytes = c.scratch_bytes();
  const memory::Scratch scratch(filters + parts * bytes);  // taken here: a thread of the team must not throw
  c.pack_filters(scratch.bytes());
  run_tasks(tasks, parts, scratch.bytes() + filters, bytes,
            [&](Index task, std::byte* own) { c.run(task, scratch.bytes(), own); });
}
/// Some images at a time, for images that lie in no memory: where source(first, n, to) is not null it writes images first
/// to first + n of x, row-major; where sink(first, n, from) is not, it takes those of y. c's spans of these hold extents.
template <class T, class Source, class Sink>
void correlate_images(const kernel::Correlation<T>& c, Source source, Sink sink) {
  constexpr bool reads = !std::is_null_pointer_v<Source>, writes = !std::is_null_pointer_v<Sink>;
  if (c.y.size() == 0) return;
  const Index images = c.x.extent[0], together = kernel::smaller(images, c.images_together());
  const Index tasks = (images + together - 1) / together, parts = task_parts(tasks, correlation_flops(c));
  const auto plane = [](const auto& s) { return s.extent[1] * s.extent[2] * s.extent[3]; };
  const Index x_size = reads ? kernel::rounded_up(together * plane(c.x), 16) : 0,
              y_size = writes ? kernel::rounded_up(together * plane(c.y), 16) : 0;
  const Index filters = c.filters_bytes(), kernels = c.scratch_bytes(),
              bytes = kernels + (x_size + y_size) * static_cast<Index>(sizeof(T));
  const memory::Scratch scratch(filters + parts * bytes);
  c.pack_filters(scratch.bytes());
  run_tasks(tasks, parts, scratch.bytes() + filters, bytes, [&](Index task, std::byte* own) {
    const Index first = task * together, n = kernel::smaller(together, images - first);
    kernel::Correlation<T> some = c;
    T* x = reinterpret_cast<T*>(own + kernels);
    some.x.extent[0] = some.y.extent[0] = n;
    if constexpr (reads) {
      source(first, n, x);
      some.x = row_major_images<const T>(x, some.x.extent);
    } else {
      some.x.data += first * some.x.stride[0];
    }
    if constexpr (writes) some.y = row_major_images(x + x_size, some.y.extent);
    else some.y.data += first * some.y.stride[0];
    for (Index t = 0; t < some.tasks(); ++t) some.run(t, scratch.bytes(), own);
    if constexpr (writes) sink(first, n, x + x_size);
  });
}

inline kernel::ConvWindow conv_window(const Conv2dOptions& o, const std::array<Index, 4>& y,
                                      const std::array<Index, 4>& w) {
  return {{y[2], y[3]}, {w[2], w[3]}, o.stride.of, o.dilation.of, {-o.padding.of[0], -o.padding.of[1]}};
}

template <class T>
kernel::Correlation<T> conv_correlation(const Conv2dOptions& o, Images<const T> x, Images<const T> w, Images<T> y,
                                        Write mode) {
  const kernel::ConvWindow window = conv_window(o, y.extent, w.extent);
  w.extent[0] /= o.groups;
  return {x, w, w.extent[0] * w.stride[0], y, o.groups, window, mode == Write::add};
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
    kernel::Correlation<T> c = conv_correlation(o, x, w, y, mode);
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
/// column of dx modulo the strides. source: as correlate_images, of dy.
template <class T, class Source = std::nullptr_t>
void conv_backward_data(const Conv2dOptions& o, Images<const T> w, Images<const T> dy, Images<T> dx, Write mode,
                        Source source = {}) {
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
        const kernel::Correlation<T> c{dy,
                                       reversed,
                                       outputs * w.stride[0],
                                       to,
                                       o.groups,
                                       {{r.count, s.count},
                                        {reversed.extent[2], reversed.extent[3]},
                                        {1, 1},
                                        {r.output_step, s.output_step},
                                        {r.first_output, s.first_output}},
                                       mode == Write::add};
        if constexpr (std::is_null_pointer_v<Source>) correlate(c);
        else correlate_images(c, source, nullptr);
      }
  }
}

template <class T>
void conv_backward_weight(const Conv2dOptions& o, Images<const T> x, Images<const T> dy, Images<T> dw, Write mode,
                          kernel::PlaneSource<T> source = {}) {
  if constexpr (is_dual_v<T>) {
    conv_backward_weight(o, part_of(x, false), part_of(dy, false), part_of(dw, false), mode);
    conv_backward_weight(o, part_of(x, true), part_of(dy, false), part_of(dw, true), mode);
    conv_backward_weight(o, part_of(x, false), part_of(dy, true), part_of(dw, true), Write::add);
  } else {
    const kernel::FilterGradient<T> g{x, dy, dw, o.groups, conv_window(o, dy.extent, dw.extent), mode, source};
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

}  // namespace detail
}  // namespace tenon::inline TENON_ABI
