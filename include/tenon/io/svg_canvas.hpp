// The few SVG elements charts are made of, written as text.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "tenon/io/utf8.hpp"

namespace tenon::inline TENON_ABI::io::svg {

namespace svg_detail {

/// Text as XML may hold it, in an element or a quoted attribute; what XML forbids becomes a question mark.
inline std::string escaped(std::string_view s) {
  std::string out;
  while (!s.empty()) {
    const std::size_t n = utf8_length(s);
    const char c = s[0];
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (n == 0 || (n == 1 && (static_cast<unsigned char>(c) < 32 || c == 127)))
      out += c == '\n' || c == '\t' ? ' ' : '?';
    else out += s.substr(0, n);
    s.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

/// About how wide the text is in pixels: characters of the sans-serif fonts asked for are 0.56 of the size on average.
inline double text_width(std::string_view s, double size) {
  double characters = 0;
  for (char c : s) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return 0.56 * size * characters;
}

/// A coordinate: two decimals at most, no locale.
inline std::string pixels(double x) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, x, std::chars_format::fixed, 2);
  std::string_view s(text, error == std::errc{} ? static_cast<std::size_t>(end - text) : 0);
  while (s.ends_with('0')) s.remove_suffix(1);
  if (s.ends_with('.')) s.remove_suffix(1);
  return s == "-0" || s.empty() ? "0" : std::string(s);
}

/// A number for people: `digits` significant ones, "1e-5" rather than "1e-05".
inline std::string readable(double x, int digits) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, x, std::chars_format::general, digits);
  std::string s(text, error == std::errc{} ? static_cast<std::size_t>(end - text) : 0);
  const std::size_t e = s.find('e');
  if (e == std::string::npos) return s;
  std::size_t exponent = e + (s[e + 1] == '-' ? 2 : 1);
  while (exponent + 1 < s.size() && (s[exponent] == '+' || s[exponent] == '0')) s.erase(exponent, 1);
  return s;
}

enum class Anchor { start, middle, end };

struct TextStyle {
  double size = 12;
  std::string_view color = "#444444";
  Anchor anchor = Anchor::middle;
  double turn = 0;  ///< degrees, clockwise, about the anchor
  bool bold = false;
};

/// A drawing that grows by elements; y points down.
class Canvas {
 public:
  Canvas(double width, double height, std::string_view title) {
    const std::string w = pixels(width), h = pixels(height);
    out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + w + "\" height=\"" + h + "\" viewBox=\"0 0 " + w +
           " " + h +
           "\" role=\"img\" font-family=\"'Segoe UI', Roboto, Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n";
    if (!title.empty()) out_ += "<title>" + escaped(title) + "</title>\n";
    rectangle(0, 0, width, height, "#ffffff");
  }
  void rectangle(double x, double y, double width, double height, std::string_view color) {
    open("rect", {{"x", x}, {"y", y}, {"width", width}, {"height", height}});
    (out_ += " fill=\"") += color;
    out_ += "\"/>\n";
  }
  void line(double x1, double y1, double x2, double y2, std::string_view color, double width = 1,
            std::string_view dashes = {}) {
    open("line", {{"x1", x1}, {"y1", y1}, {"x2", x2}, {"y2", y2}});
    stroke(color, width, dashes);
    out_ += "/>\n";
  }
  void circle(double x, double y, double radius, std::string_view color) {
    open("circle", {{"cx", x}, {"cy", y}, {"r", radius}});
    (out_ += " fill=\"") += color;
    out_ += "\"/>\n";
  }
  /// points: "x,y x,y ..."
  void polyline(std::string_view points, std::string_view color, double width, std::string_view dashes) {
    (out_ += "<polyline points=\"") += points;
    out_ += "\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\"";
    stroke(color, width, dashes);
    out_ += "/>\n";
  }
  void text(double x, double y, std::string_view s, const TextStyle& style) {
    open("text", {{"x", x}, {"y", y}, {"font-size", style.size}});
    (out_ += " fill=\"") += style.color;
    out_ += style.anchor == Anchor::start    ? "\""
            : style.anchor == Anchor::middle ? "\" text-anchor=\"middle\""
                                             : "\" text-anchor=\"end\"";
    if (style.bold) out_ += " font-weight=\"600\"";
    if (style.turn != 0)
      out_ += " transform=\"rotate(" + pixels(style.turn) + " " + pixels(x) + " " + pixels(y) + ")\"";
    out_ += ">" + escaped(s) + "</text>\n";
  }
  std::string finish() && { return std::move(out_ += "</svg>\n"); }

 private:
  struct Attribute {
    std::string_view name;
    double value;
  };
  void open(std::string_view element, std::initializer_list<Attribute> attributes) {
    (out_ += "<") += element;
    for (const auto& a : attributes) ((out_ += " ") += a.name) += "=\"" + pixels(a.value) + "\"";
  }
  void stroke(std::string_view color, double width, std::string_view dashes) {
    (out_ += " stroke=\"") += color;
    out_ += "\" stroke-width=\"" + pixels(width) + "\"";
    if (!dashes.empty()) ((out_ += " stroke-dasharray=\"") += dashes) += "\"";
  }
  std::string out_;
};
}  // namespace svg_detail

}  // namespace tenon::inline TENON_ABI::io::svg
