// What all charts share: colours, title, legend, axes.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "tenon/io/svg_axis.hpp"
#include "tenon/io/svg_canvas.hpp"

namespace tenon::inline TENON_ABI::io::svg {

namespace svg_detail {

/// Told apart by people of every colour vision. Source: Okabe and Ito, Color universal design, 2008; black made grey.
inline constexpr std::string_view colors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                              "#e69f00", "#56b4e9", "#6a51a3", "#707070"};
inline constexpr std::size_t color_count = std::size(colors);
inline constexpr std::string_view dashes[] = {"", "7 4", "2 4", "9 4 2 4"};  // for more series than colours

inline std::string_view color_of(std::size_t i) { return colors[i % color_count]; }
inline std::string_view dashes_of(std::size_t i) { return dashes[i / color_count % std::size(dashes)]; }

/// The rectangle data are drawn in.
struct Plot {
  double left, right, top, bottom;
};

/// The names with their colours in centred rows from y on; gives the y below them.
inline double draw_legend(Canvas& canvas, double width, double y, const std::vector<std::string_view>& names,
                          bool lines) {
  constexpr double swatch = 22, gap = 18, left = 24;
  const auto item = [&](std::size_t i) { return swatch + 6 + text_width(names[i], 12.5) + gap; };
  for (std::size_t begin = 0, end = 0; begin < names.size(); begin = end, y += 20) {
    double row = 0;
    while (end < names.size() && (end == begin || row + item(end) <= width - 2 * left)) row += item(end++);
    double x = (width - row + gap) / 2;
    for (std::size_t i = begin; i < end; x += item(i++)) {
      if (lines) canvas.line(x, y + 10, x + swatch, y + 10, color_of(i), 2.5, dashes_of(i));
      else canvas.rectangle(x + swatch - 12, y + 4, 12, 12, color_of(i));
      canvas.text(x + swatch + 6, y + 14.5, names[i], {.size = 12.5, .color = "#333333", .anchor = Anchor::start});
    }
  }
  return y;
}
/// Title and legend, from the top down; gives the y where the plot may begin.
inline double draw_head(Canvas& canvas, double width, std::string_view title,
                        const std::vector<std::string_view>& names, bool lines) {
  double y = 14;
  if (!title.empty()) {
    canvas.text(width / 2, y + 16, title, {.size = 17, .color = "#222222", .bold = true});
    y += 30;
  }
  bool named = false;
  for (std::string_view name : names) named = named || !name.empty();
  return (named ? draw_legend(canvas, width, y, names, lines) : y) + 12;
}

/// How many ticks fit on so many pixels.
inline int ticks_on(double length, double apart) {
  return length > 2 * apart ? static_cast<int>(length / apart) + 1 : 2;
}

/// Grid lines, tick labels and label of the vertical axis.
inline void draw_y_axis(Canvas& canvas, const Plot& plot, const Axis& axis, const std::vector<Tick>& ticks,
                        std::string_view label) {
  for (const Tick& t : ticks) {
    canvas.line(plot.left, axis(t.value), plot.right, axis(t.value), "#e4e4e4");
    canvas.text(plot.left - 8, axis(t.value) + 4, t.label, {.anchor = Anchor::end});
  }
  if (!label.empty())
    canvas.text(18, (plot.top + plot.bottom) / 2, label, {.size = 13, .color = "#333333", .turn = -90});
}
/// The same of the horizontal axis, and the two axes.
inline void draw_x_axis(Canvas& canvas, const Plot& plot, const Axis& axis, std::string_view label) {
  for (const Tick& t : axis.ticks(ticks_on(plot.right - plot.left, 80))) {
    canvas.line(axis(t.value), plot.top, axis(t.value), plot.bottom, "#efefef");
    canvas.text(axis(t.value), plot.bottom + 19, t.label, {});
  }
  canvas.line(plot.left, plot.bottom, plot.right, plot.bottom, "#888888");
  canvas.line(plot.left, plot.top, plot.left, plot.bottom, "#888888");
  if (!label.empty())
    canvas.text((plot.left + plot.right) / 2, plot.bottom + 42, label, {.size = 13, .color = "#333333"});
}
inline double left_margin(const std::vector<Tick>& ticks, std::string_view label) {
  double widest = 0;
  for (const Tick& t : ticks) widest = std::fmax(widest, text_width(t.label, 12));
  return widest + (label.empty() ? 24 : 46);
}
}  // namespace svg_detail

}  // namespace tenon::inline TENON_ABI::io::svg
