// Charts as SVG pictures, which every browser shows: lines and bars.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/io/file.hpp"
#include "tenon/io/svg_frame.hpp"

namespace tenon::inline TENON_ABI::io::svg {

/// One line of a chart: y over x, or over 0, 1, 2... Any contiguous array of numbers will do.
struct Series {
  std::string name;
  std::vector<double> x, y;

  /// Throws ValueError unless xs and ys have the same size.
  template <class X, class Y>
  Series(std::string_view series, const X& xs, const Y& ys, Loc where = Loc::current()) : name(series) {
    for (const auto& v : xs) x.push_back(static_cast<double>(v));
    for (const auto& v : ys) y.push_back(static_cast<double>(v));
    if (x.size() != y.size()) {
      throw ValueError(where,
                       "tenon::io::svg::Series: \"" + name + "\" has " + std::to_string(x.size()) + " x values and " +
                           std::to_string(y.size()) + " y values",
                       "give as many of each");
    }
  }
  template <class Y> Series(std::string_view series, const Y& ys) : name(series) {
    for (const auto& v : ys) {
      x.push_back(static_cast<double>(y.size()));
      y.push_back(static_cast<double>(v));
    }
  }
};

/// The bars of one colour: one value a category.
struct Bars {
  std::string name;
  std::vector<double> values;

  template <class Values> Bars(std::string_view bars, const Values& all) : name(bars) {
    for (const auto& v : all) values.push_back(static_cast<double>(v));
  }
};

namespace svg_detail {

/// The drawable runs of a series, each as one polyline; a point alone, and every point of a short series, as a dot.
inline void draw_series(Canvas& canvas, const Series& s, std::size_t number, const Axis& x, const Axis& y) {
  std::string points;
  std::size_t run = 0;
  const bool dots = s.x.size() <= 40;
  for (std::size_t i = 0; i <= s.x.size(); ++i) {
    const bool inside = i < s.x.size() && drawable(s.x[i], x.logarithmic) && drawable(s.y[i], y.logarithmic);
    if (inside) {
      points += (run++ ? " " : "") + pixels(x(s.x[i])) + "," + pixels(y(s.y[i]));
      continue;
    }
    if (run > 1) canvas.polyline(points, color_of(number), 2, dashes_of(number));
    if (run == 1 && !dots) canvas.circle(x(s.x[i - 1]), y(s.y[i - 1]), 3, color_of(number));
    points.clear();
    run = 0;
  }
  for (std::size_t i = 0; dots && i < s.x.size(); ++i) {
    if (drawable(s.x[i], x.logarithmic) && drawable(s.y[i], y.logarithmic))
      canvas.circle(x(s.x[i]), y(s.y[i]), 3, color_of(number));
  }
}
}  // namespace svg_detail

/// Lines over common axes: `LineChart{.title = "Training", .series = {{"loss", epochs, losses}}}.write("loss.svg")`.
/// A NaN, an infinity (from 1e100 on), or a value that a logarithmic axis cannot show leaves a gap.
struct LineChart {
  std::string title = {}, x_label = {}, y_label = {};
  std::vector<Series> series = {};
  bool log_x = false, log_y = false;
  double width = 800, height = 480;  ///< pixels

  /// The picture as SVG text.
  std::string to_svg() const {
    using namespace svg_detail;
    Canvas canvas(width, height, title);
    std::vector<std::string_view> names;
    for (const Series& s : series) names.push_back(s.name);
    const auto [xs, ys, whole] = extents();
    Plot plot{0, width - 26, draw_head(canvas, width, title, names, true), height - (x_label.empty() ? 36 : 58)};
    const Axis y{padded(ys, log_y, false), log_y, plot.bottom, plot.top};
    const auto y_ticks = y.ticks(ticks_on(plot.bottom - plot.top, 50));
    plot.left = left_margin(y_ticks, y_label);
    const Axis x{padded(xs, log_x, true), log_x, plot.left, plot.right, whole ? 1.0 : 0.0};
    draw_y_axis(canvas, plot, y, y_ticks, y_label);
    draw_x_axis(canvas, plot, x, x_label);
    if (xs.empty()) canvas.text((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2, "no data", {.size = 15});
    for (std::size_t i = 0; i < series.size(); ++i) draw_series(canvas, series[i], i, x, y);
    return std::move(canvas).finish();
  }
  Result<Index> try_write(const std::string& path) const { return try_write_text(path, to_svg()); }
  void write(const std::string& path) const { write_text(path, to_svg()); }

 private:
  struct Extents {
    svg_detail::Range x, y;
    bool whole = true;  ///< every x is an integer, a step or an epoch: no ticks between them
  };
  Extents extents() const {
    Extents e;
    for (const Series& s : series) {
      for (std::size_t i = 0; i < s.x.size(); ++i) {
        if (!svg_detail::drawable(s.x[i], log_x) || !svg_detail::drawable(s.y[i], log_y)) continue;
        e.x.include(s.x[i]);
        e.y.include(s.y[i]);
        e.whole = e.whole && s.x[i] == std::floor(s.x[i]);
      }
    }
    return e;
  }
};

/// Groups of upright bars from zero, one group a category, each bar with its value:
/// `BarChart{.categories = {"small", "large"}, .bars = {{"ours", a}, {"theirs", b}}}.write("speed.svg")`.
/// A value that is NaN or infinite is written instead of drawn.
struct BarChart {
  std::string title = {}, y_label = {};
  std::vector<std::string> categories = {};
  std::vector<Bars> bars = {};
  double width = 800, height = 480;  ///< pixels
  int digits = 3;                    ///< of the numbers at the bars

  /// The picture as SVG text. Throws ValueError unless each of `bars` has one value a category.
  std::string to_svg(Loc at = Loc::current()) const {
    using namespace svg_detail;
    check(at);
    Canvas canvas(width, height, title);
    std::vector<std::string_view> names;
    for (const Bars& b : bars) names.push_back(b.name);
    const bool turned = widest_category() * static_cast<double>(categories.size()) > 0.85 * width;
    Plot plot{0, width - 20, draw_head(canvas, width, title, names, false),
              height - (turned ? 24 + 0.6 * widest_category() : 36)};
    const Axis y{extent(), false, plot.bottom, plot.top};
    const auto ticks = y.ticks(ticks_on(plot.bottom - plot.top, 50));
    plot.left = std::fmax(left_margin(ticks, y_label), turned ? 0.82 * text_width(categories[0], 12) : 0);
    draw_y_axis(canvas, plot, y, ticks, y_label);
    draw_bars(canvas, plot, y);
    draw_categories(canvas, plot, turned);
    canvas.line(plot.left, y(0), plot.right, y(0), "#888888");
    return std::move(canvas).finish();
  }
  Result<Index> try_write(const std::string& path, Loc at = Loc::current()) const {
    return try_write_text(path, to_svg(at));
  }
  void write(const std::string& path, Loc at = Loc::current()) const { write_text(path, to_svg(at)); }

 private:
  void check(Loc at) const {
    for (const Bars& b : bars) {
      if (b.values.size() == categories.size()) continue;
      throw ValueError(at,
                       "tenon::io::svg::BarChart: \"" + b.name + "\" has " + std::to_string(b.values.size()) +
                           " values for " + std::to_string(categories.size()) + " categories",
                       "give one value a category");
    }
  }
  double widest_category() const {
    double widest = 0;
    for (const auto& c : categories) widest = std::fmax(widest, svg_detail::text_width(c, 12));
    return widest;
  }
  /// All values, zero, and a tenth more for the numbers at the bars.
  svg_detail::Range extent() const {
    svg_detail::Range r{0, 0};
    for (const Bars& b : bars) {
      for (double v : b.values) {
        if (svg_detail::drawable(v, false)) r.include(v);
      }
    }
    if (r.lo == r.hi) return {0, 1};
    const double room = (r.hi - r.lo) * 0.1;
    return {r.lo < 0 ? r.lo - room : 0, r.hi > 0 ? r.hi + room : 0};
  }
  double slot(const svg_detail::Plot& plot) const {
    return (plot.right - plot.left) / static_cast<double>(categories.empty() ? 1 : categories.size());
  }
  void draw_categories(svg_detail::Canvas& canvas, const svg_detail::Plot& plot, bool turned) const {
    using svg_detail::Anchor;
    for (std::size_t i = 0; i < categories.size(); ++i) {
      canvas.text(plot.left + slot(plot) * (static_cast<double>(i) + 0.5), plot.bottom + 19, categories[i],
                  {.anchor = turned ? Anchor::end : Anchor::middle, .turn = turned ? -35.0 : 0.0});
    }
  }
  void draw_bars(svg_detail::Canvas& canvas, const svg_detail::Plot& plot, const svg_detail::Axis& y) const {
    const auto count = static_cast<double>(bars.size());
    const double wide = std::fmin(0.8 * slot(plot) / count, 70);
    bool upright = false;  // all numbers, when one of them is wider than its bar
    for (const Bars& b : bars) {
      for (double v : b.values) {
        upright = upright || svg_detail::text_width(svg_detail::readable(v, digits), 11) > wide + 1;
      }
    }
    for (std::size_t c = 0; c < categories.size(); ++c) {
      const double begin = plot.left + slot(plot) * (static_cast<double>(c) + 0.5) - wide * count / 2;
      for (std::size_t i = 0; i < bars.size(); ++i) {
        draw_bar(canvas, begin + wide * static_cast<double>(i), wide, bars[i].values[c], svg_detail::color_of(i), y,
                 upright);
      }
    }
  }
  void draw_bar(svg_detail::Canvas& canvas, double x, double wide, double value, std::string_view color,
                const svg_detail::Axis& y, bool upright) const {
    using namespace svg_detail;
    const bool drawn = drawable(value, false), below = drawn && value < 0;
    const double end = y(drawn ? value : 0), zero = y(0), middle = x + wide / 2;
    if (drawn) canvas.rectangle(x + 0.04 * wide, std::fmin(end, zero), 0.92 * wide, std::abs(end - zero), color);
    TextStyle style{.size = 11};
    if (upright) {
      style.turn = -90;
      style.anchor = below ? Anchor::end : Anchor::start;
      canvas.text(middle + 4, below ? end + 5 : end - 5, readable(value, digits), style);
    } else {
      canvas.text(middle, below ? end + 14 : end - 5, readable(value, digits), style);
    }
  }
};

}  // namespace tenon::inline TENON_ABI::io::svg
