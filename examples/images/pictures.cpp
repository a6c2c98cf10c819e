#include "pictures.hpp"

#include <cmath>
#include <string_view>

using tenon::train::Terminal;

namespace {

constexpr int gap = 2;

/// Columns that a picture takes, so that about five fit beside each other; half as many characters high.
int columns_of(const Picture& p, const Terminal& t) {
  if (p.side <= 10) return 2 * p.side;
  return 5 * (p.side + gap) <= t.columns ? p.side : (p.side + 1) / 2;
}

/// Mean of the picture over a rectangle in units of its side, [0, 1] each way; at least the pixel it begins in.
float mean(const Picture& p, double left, double top, double right, double bottom) {
  const auto first = [&](double x) { return static_cast<int>(x * p.side + 1e-6); };
  const auto last = [&](double x) { return static_cast<int>(std::ceil(x * p.side - 1e-6)); };
  float sum = 0;
  int n = 0;
  for (int y = first(top); y < last(bottom); ++y)
    for (int x = first(left); x < last(right); ++x, ++n) sum += p.pixels[static_cast<std::size_t>(y * p.side + x)];
  return std::fmin(std::fmax(sum / static_cast<float>(n), 0.f), 1.f);
}

/// xterm's ramp of greys: 232 is nearly black, 255 nearly white.
int grey(float v) { return 232 + static_cast<int>(v * 23 + 0.5f); }

void draw_cell(std::string& out, float upper, float lower, const Terminal& t) {
  if (t.colors && t.unicode) {
    out += "\033[38;5;" + std::to_string(grey(upper)) + ";48;5;" + std::to_string(grey(lower)) + "m\u2580";
  } else if (t.colors) {
    out += "\033[48;5;" + std::to_string(grey((upper + lower) / 2)) + "m ";
  } else if (t.unicode) {
    static constexpr std::string_view shades[] = {" ", "\u2591", "\u2592", "\u2593", "\u2588"};
    out += shades[static_cast<int>((upper + lower) / 2 * 4 + 0.5f)];
  } else {
    out += " .:-=+*#%@"[static_cast<int>((upper + lower) / 2 * 9 + 0.5f)];
  }
}
void draw_row(std::string& out, const Picture& p, int row, const Terminal& t) {
  const int columns = columns_of(p, t);
  const double cell = 1.0 / columns, top = 2 * row * cell;
  for (int x = 0; x < columns; ++x) {
    const double left = x * cell, right = left + cell;
    draw_cell(out, mean(p, left, top, right, top + cell), mean(p, left, top + cell, right, top + 2 * cell), t);
  }
  if (t.colors) out += "\033[0m";
}
/// Cut or filled to a number of columns, in red when it is `wrong`.
std::string fitted(std::string text, int columns, bool wrong, const Terminal& t) {
  text.resize(static_cast<std::size_t>(columns), ' ');
  return wrong && t.colors ? "\033[31m" + text + "\033[0m" : text;
}
}  // namespace

std::string draw_pictures(const std::vector<Picture>& pictures, const Terminal& t) {
  std::size_t count = 0;
  int used = 0, rows = 0;
  bool remarks = false;
  for (const Picture& p : pictures) {
    used += columns_of(p, t) + gap;
    if (used - gap >= t.columns) break;
    rows = columns_of(p, t) / 2 > rows ? columns_of(p, t) / 2 : rows;
    remarks = remarks || !p.remark.empty();
    ++count;
  }
  std::string out;
  const auto line = [&](auto part) {
    for (std::size_t i = 0; i < count; ++i) {
      part(pictures[i]);
      out.append(gap, ' ');
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  };
  for (int row = 0; row < rows; ++row) line([&](const Picture& p) { draw_row(out, p, row, t); });
  line([&](const Picture& p) { out += fitted(p.title, columns_of(p, t), !p.remark.empty(), t); });
  if (remarks) line([&](const Picture& p) { out += fitted(p.remark, columns_of(p, t), true, t); });
  return out;
}
