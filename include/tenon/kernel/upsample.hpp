// Planes brought to another size: the nearest element, or a mean of the four around, and the transposes of both.
#pragma once

#include "tenon/base/dual.hpp"
#include "tenon/kernel/copy.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Where outputs along one dimension come from. Source: PyTorch's interpolate.
struct Resampling {
  Index inputs, outputs;
  bool linear, align_corners;

  /// Element `low` with weight 1 - share and `high`, the next one or the same, with `share`.
  struct Tap {
    Index low, high;
    double share;
  };
  Tap of(Index p) const noexcept {
    if (!linear) return {p * inputs / outputs, p * inputs / outputs, 0};
    const double step = align_corners ? static_cast<double>(inputs - 1) / static_cast<double>(outputs - 1)
                                      : static_cast<double>(inputs) / static_cast<double>(outputs),
                 middle = (static_cast<double>(p) + 0.5) * step - 0.5;
    const double at = align_corners ? (outputs > 1 ? static_cast<double>(p) * step : 0) : middle > 0 ? middle : 0;
    const Index whole = static_cast<Index>(at), low = whole < inputs ? whole : inputs - 1;
    return {low, low + 1 < inputs ? low + 1 : low, low + 1 < inputs ? at - static_cast<double>(low) : 0};
  }
};

/// The taps of a row, in the row's numbers, and a row of inputs: scratch.
template <class T> struct ColumnTap {
  Index low, high;
  primal_t<T> share;
};
template <class T> struct UpsampleScratch {
  const ColumnTap<T>* taps;
  T* row;
};

template <class T> void write_taps(const Resampling& columns, ColumnTap<T>* taps) noexcept {
  for (Index q = 0; q < columns.outputs; ++q) {
    const auto t = columns.of(q);
    taps[q] = {t.low, t.high, static_cast<primal_t<T>>(t.share)};
  }
}

/// y (rows.outputs, columns.outputs) of the plane x (rows.inputs, columns.inputs).
/// Pre:  both without gaps; scratch.taps are those of `columns`, scratch.row has columns.inputs elements
/// Cost: a row of x is read once an output row, from L1; writes y once
template <class T>
void upsample(const Resampling& rows, const Resampling& columns, const T* x, T* y,
              UpsampleScratch<T> scratch) noexcept {
  const Index n = columns.inputs, m = columns.outputs;
  Index last = -1;
  for (Index p = 0; p < rows.outputs; ++p, y += m) {
    const auto t = rows.of(p);
    if (!rows.linear) {
      if (t.low == last) {
        std::memcpy(static_cast<void*>(y), y - m, static_cast<std::size_t>(m) * sizeof(T));
        continue;
      }
      last = t.low;
      for (Index q = 0; q < m; ++q) y[q] = x[t.low * n + scratch.taps[q].low];
      continue;
    }
    const T *low = x + t.low * n, *high = x + t.high * n;
    const auto share = static_cast<primal_t<T>>(t.share);
    T* between = scratch.row;
    for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA {
      at.store(between, at.load(low) + (at.load(high) - at.load(low)) * T(share));
    });
    for (Index q = 0; q < m; ++q) {
      const auto& tap = scratch.taps[q];
      y[q] = between[tap.low] + (between[tap.high] - between[tap.low]) * T(tap.share);
    }
  }
}
/// dx += what dy says of it. Pre: as upsample; Cost: reads dy once
template <class T>
void upsample_backward(const Resampling& rows, const Resampling& columns, const T* dy, T* dx,
                       UpsampleScratch<T> scratch) noexcept {
  const Index n = columns.inputs, m = columns.outputs;
  for (Index p = 0; p < rows.outputs; ++p, dy += m) {
    const auto t = rows.of(p);
    T* row = scratch.row;
    fill(n, row, T(0));
    for (Index q = 0; q < m; ++q) {
      const auto& tap = scratch.taps[q];
      const T far = dy[q] * T(tap.share);
      row[tap.low] = row[tap.low] + (dy[q] - far);
      row[tap.high] = row[tap.high] + far;
    }
    const auto share = static_cast<primal_t<T>>(t.share);
    const auto add = [&](T* to, primal_t<T> weight) {
      for_line<T>(n, [=](auto at) TENON_INLINE_LAMBDA { at.store(to, at.load(to) + at.load(row) * T(weight)); });
    };
    add(dx + t.low * n, primal_t<T>(1) - share);
    if (t.share != 0) add(dx + t.high * n, share);
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
