// Axes of charts: the range of values, where ticks go, and which pixel a value falls on.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "tenon/io/svg_canvas.hpp"

namespace tenon::inline TENON_ABI::io::svg {

namespace svg_detail {

struct Tick {
  double value;
  std::string label;
};

/// Smallest and largest of the values that can be drawn.
struct Range {
  double lo = HUGE_VAL, hi = -HUGE_VAL;

  bool empty() const { return lo > hi; }
  void include(double x) {
    if (x < lo) lo = x;
    if (x > hi) hi = x;
  }
};

/// Finite, small enough for differences and quotients to be finite too, and above zero on a logarithmic axis.
inline bool drawable(double x, bool logarithmic) { return std::abs(x) < 1e100 && (!logarithmic || x > 1e-100); }

/// The smallest of 1, 2, 5 times a power of ten that cuts `length` into at most `most` steps. Pre: length > 0
inline double nice_step(double length, int most) {
  const double power = std::pow(10.0, std::floor(std::log10(length / most)));
  for (double step : {1.0, 2.0, 5.0}) {
    if (length / (step * power) <= most * (1 + 1e-9)) return step * power;
  }
  return 10 * power;
}

/// Label of a tick at a multiple of step: all ticks of an axis have the same decimals.
inline std::string tick_label(double value, double step, double largest) {
  if (largest >= 1e7 || step < 1e-5) return readable(value, 5);
  const int decimals = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals);
  return error == std::errc{} ? std::string(text, end) : readable(value, 5);
}

/// At most `most` multiples of a nice step, which is not below `least`.
inline std::vector<Tick> linear_ticks(Range r, int most, double least = 0) {
  const double step = std::fmax(nice_step(r.hi - r.lo, most), least),
               largest = std::fmax(std::abs(r.lo), std::abs(r.hi));
  const double first = std::ceil(r.lo / step - 1e-9);
  std::vector<Tick> ticks;
  for (int i = 0; i <= most && (first + i) * step <= r.hi + 1e-9 * step; ++i) {
    const double value = (first + i) * step + 0.0;  // + 0.0: no "-0"
    ticks.push_back({value, tick_label(value, step, largest)});
  }
  return ticks;
}

/// factor * 10^k: written out from 0.001 to 500000.
inline std::string log_label(double factor, int k) {
  if (k >= -3 && k <= 5) return readable(factor * std::pow(10.0, k), 6);
  return readable(factor, 1) + "e" + std::to_string(k);
}

/// Powers of ten, every few of them when there are many; 2 and 5 times them as well when there are few.
inline std::vector<Tick> log_ticks(Range r, int most) {
  const double lo = std::log10(r.lo), hi = std::log10(r.hi);
  const int every = static_cast<int>(std::ceil((hi - lo) / most));
  std::vector<Tick> ticks;
  for (int k = static_cast<int>(std::floor(lo)); k <= static_cast<int>(std::ceil(hi)); ++k) {
    if (every > 1 && k % every != 0) continue;
    for (double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10.0, k);
      if (factor > 1 && (hi - lo) * 3 > most) break;
      if (value >= r.lo * (1 - 1e-9) && value <= r.hi * (1 + 1e-9)) ticks.push_back({value, log_label(factor, k)});
    }
  }
  return ticks.size() >= 2 ? ticks : linear_ticks(r, most);
}

/// Room around the data: a constant gets some, a linear axis starts at 0 when the data come close to it.
inline Range padded(Range r, bool logarithmic, bool tight) {
  if (r.empty()) return logarithmic ? Range{1, 10} : Range{0, 1};
  if (logarithmic) {
    const double factor = r.hi / r.lo < 1 + 1e-9 ? 3 : tight ? 1 : std::pow(r.hi / r.lo, 0.04);
    return {r.lo / factor, r.hi * factor};
  }
  const double largest = std::fmax(std::abs(r.lo), std::abs(r.hi)), length = r.hi - r.lo;
  if (length <= 1e-9 * largest || length <= 0) {
    const double half = largest > 0 ? 0.1 * largest : 0.5;
    return {r.lo - half, r.hi + half};
  }
  if (tight) return r;
  const bool from_zero = r.lo >= 0 && r.lo < 0.3 * r.hi, to_zero = r.hi <= 0 && r.hi > 0.3 * r.lo;
  return {from_zero ? 0 : r.lo - 0.04 * length, to_zero ? 0 : r.hi + 0.04 * length};
}

/// Maps values from [lo, hi] to pixels from `begin` to `end`, linearly or by logarithm.
struct Axis {
  Range range;
  bool logarithmic = false;
  double begin = 0, end = 1;
  double least_step = 0;  ///< of its ticks

  double operator()(double x) const {
    const double t =
        logarithmic ? std::log(x / range.lo) / std::log(range.hi / range.lo) : (x - range.lo) / (range.hi - range.lo);
    return begin + t * (end - begin);
  }
  std::vector<Tick> ticks(int most) const {
    return logarithmic ? log_ticks(range, most) : linear_ticks(range, most, least_step);
  }
};
}  // namespace svg_detail

}  // namespace tenon::inline TENON_ABI::io::svg
