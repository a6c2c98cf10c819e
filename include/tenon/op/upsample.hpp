// upsample(x, scale), interpolate(x, outputs)
#pragma once

#include "tenon/kernel/upsample.hpp"
#include "tenon/op/along.hpp"
#include "tenon/op/pair.hpp"

namespace tenon::inline TENON_ABI {

enum class Interpolation : unsigned char { nearest, bilinear };

struct InterpolateOptions {
  Interpolation mode = Interpolation::nearest;
  bool align_corners = false;  ///< bilinear: corner elements stay at the corners; else pixels are areas
};

/// x with its last two dimensions brought to another size, PyTorch's interpolate: upsample(x, 2) is twice as high and wide,
/// interpolate(x, {30, 40}, {.mode = Interpolation::bilinear}) of 30 rows and 40 columns, which may be fewer than x has.
/// Nearest: y(p) = x(floor(p h / outputs)), in whole numbers. Bilinear: y is a mean of the four elements around the
/// source position (p + 1/2) h / outputs - 1/2, or p (h - 1) / (outputs - 1) where the corners are aligned.
/// Shapes:     x (..., h, w) -> (..., p, q); p and q are run-time extents
/// Derivative: the transpose: each dy is added to the elements that it came from, by the same shares
/// Accuracy:   4 ulp of the largest of the four elements
/// Cost:       writes y once, an element at a time; backward reads dy once and clears dx
/// Throws:     ShapeError for an output size below 1 and for planes without elements; other dtypes than float and double
///             do not compile
struct Interpolate {
  static constexpr std::string_view name = "interpolate";
  static constexpr bool dense_operands = true;
  std::array<Index, 2> outputs;
  InterpolateOptions options;

  template <class S> auto shape(Loc at, const S& x) const {
    static_assert(S::rank >= 2, "tenon::interpolate: x is (..., rows, columns)");
    if (outputs[0] < 1 || outputs[1] < 1 || x[S::rank - 2] < 1 || x[S::rank - 1] < 1) [[unlikely]]
      throw ShapeError(at,
                       "tenon::interpolate: planes of x of shape " + to_string(x) + " cannot be brought to " +
                           std::to_string(outputs[0]) + " rows and " + std::to_string(outputs[1]) + " columns",
                       "give x and the result at least one row and one column");
    const auto rows = detail::with_extent<S::rank - 2, dyn>(x, outputs[0], at);
    return detail::with_extent<S::rank - 1, dyn>(rows, outputs[1], at);
  }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const auto [rows, columns] = of(x);
    for_each_plane<T>(rows, columns, x.size(), [&, r = rows, c = columns](Index k, auto scratch) {
      kernel::upsample(r, c, x.data + k * r.inputs * c.inputs, y.data + k * r.outputs * c.outputs, scratch);
    });
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X x, DX dx) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (!dx) return;
    const auto [rows, columns] = of(x);
    for_each_plane<T>(rows, columns, x.size(), [&, r = rows, c = columns](Index k, auto scratch) {
      T* to = dx.data + k * r.inputs * c.inputs;
      if (dx.mode == Write::store) kernel::fill(r.inputs * c.inputs, to, T(0));
      kernel::upsample_backward(r, c, dy.data + k * r.outputs * c.outputs, to, scratch);
    });
  }

 private:
  template <class X> std::array<kernel::Resampling, 2> of(const X& x) const {
    const bool linear = options.mode == Interpolation::bilinear;
    const std::size_t r = x.extent.size();
    return {kernel::Resampling{x.extent[r - 2], outputs[0], linear, options.align_corners},
            kernel::Resampling{x.extent[r - 1], outputs[1], linear, options.align_corners}};
  }
  /// f(plane, scratch) for each plane, some on each thread.
  template <class T, class F>
  static void for_each_plane(const kernel::Resampling& rows, const kernel::Resampling& columns, Index elements, F f) {
    using Tap = kernel::ColumnTap<T>;
    const Index planes = elements / (rows.inputs * columns.inputs), work = planes * rows.outputs * columns.outputs;
    const Index wanted = work > (Index{1} << 16) ? simd::thread_count() : 1, parts = wanted < planes ? wanted : planes;
    const Index taps = (columns.outputs * static_cast<Index>(sizeof(Tap)) + 63) / 64 * 64;
    const Index row = (columns.inputs * static_cast<Index>(sizeof(T)) + 63) / 64 * 64;
    const memory::Scratch scratch(taps + parts * row);  // taken here: a thread of the team must not throw
    Tap* known = reinterpret_cast<Tap*>(scratch.bytes());
    kernel::write_taps<T>(columns, known);
    simd::parallel_for(parts, 1, [&](Index first, Index last) {
      for (Index part = first; part < last; ++part) {
        const kernel::UpsampleScratch<T> own{known, reinterpret_cast<T*>(scratch.bytes() + taps + part * row)};
        for (Index k = planes * part / parts; k < planes * (part + 1) / parts; ++k) f(k, own);
      }
    });
  }
};

template <tensor_like X>
auto interpolate(X&& x, Pair outputs, const InterpolateOptions& options = {}, Loc at = Loc::current()) {
  static_assert(std::is_floating_point_v<primal_t<dtype_of_t<X>>>,
                "tenon::interpolate: elements are float or double; write cast<float>(x)");
  return structured(Interpolate{outputs.of, options}, at, std::forward<X>(x));
}
/// interpolate to `scale` times as many rows and columns; a whole number, or one each.
template <tensor_like X>
auto upsample(X&& x, Pair scale, const InterpolateOptions& options = {}, Loc at = Loc::current()) {
  constexpr int rank = shape_of_t<X>::rank;
  static_assert(rank >= 2, "tenon::upsample: x is (..., rows, columns)");
  const Pair outputs{x.shape()[rank - 2] * scale.of[0], x.shape()[rank - 1] * scale.of[1]};
  return interpolate(std::forward<X>(x), outputs, options, at);
}

}  // namespace tenon::inline TENON_ABI
