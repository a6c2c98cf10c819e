// How numbers and nested rows look in print: NumPy's rules, for text only; no tensor in here.
//
// Floating numbers: the fewest digits that name the number, at most 8 after the point; aligned at the point; with
// exponents as soon as the largest is 1e8 or more, the smallest (not 0) below 1e-4, or their ratio above 1000. More
// than 1000 elements: 3 at each edge. Lines break before column 75. Source: the documentation of
// numpy.set_printoptions.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tenon/base/dtype.hpp"

namespace tenon::inline TENON_ABI::print {

inline constexpr Index threshold = 1000, edge = 3, line_width = 75;
inline constexpr int precision = 8;

/// The decimal digits d0.d1d2... of |x| and their exponent: the shortest that no other number of x's type shares.
struct Digits {
  std::string digits;
  int exponent = 0;
  bool negative = false;
};
inline Digits split_scientific(const char* text, bool negative) {
  Digits d;
  d.negative = negative;
  const char* c = text;
  for (; *c != 'e' && *c != '\0'; ++c)
    if (*c != '.') d.digits += *c;
  d.exponent = *c == 'e' ? std::atoi(c + 1) : 0;
  while (d.digits.size() > 1 && d.digits.back() == '0') d.digits.pop_back();
  return d;
}
template <class T> Digits shortest(T x) {
  char text[64] = {};
  if constexpr (is_half_v<T>) {  // no library function knows them: the first precision that leads back to x
    const auto v = static_cast<double>(std::abs(static_cast<float>(x)));
    for (int p = 0; p < 9; ++p) {
      std::snprintf(text, sizeof(text), "%.*e", p, v);
      if (static_cast<double>(static_cast<float>(T(std::strtof(text, nullptr)))) == v) break;
    }
  } else {
    std::to_chars(text, text + sizeof(text) - 1, std::abs(x), std::chars_format::scientific);
  }
  return split_scientific(text, std::signbit(static_cast<double>(static_cast<compute_t<T>>(x))));
}

/// Sign and digits before the point, digits after it, exponent ("" when there is none).
struct Parts {
  std::string whole, fraction, exponent;
};
inline std::string without_zeros(std::string s) {
  while (!s.empty() && s.back() == '0') s.pop_back();
  return s;
}
inline std::string exponent_text(int e) {
  char text[16];
  std::snprintf(text, sizeof(text), "%c%02d", e < 0 ? '-' : '+', e < 0 ? -e : e);
  return text;
}
/// At most `places` digits after the point; rounded from the number itself, ties to even.
inline Parts positional(const Digits& d, double x, int places) {
  Parts p;
  const int n = static_cast<int>(d.digits.size());
  if (n - 1 - d.exponent > places) {
    char text[512];
    std::snprintf(text, sizeof(text), "%.*f", places, std::abs(x));
    const std::string s = text;
    const auto point = s.find('.');
    p.whole = s.substr(0, point);
    p.fraction = without_zeros(s.substr(point + 1));
  } else if (d.exponent < 0) {
    p.whole = "0";
    p.fraction = std::string(static_cast<std::size_t>(-d.exponent - 1), '0') + d.digits;
  } else {
    std::string s = d.digits;
    if (n <= d.exponent) s.append(static_cast<std::size_t>(d.exponent + 1 - n), '0');
    p.whole = s.substr(0, static_cast<std::size_t>(d.exponent) + 1);
    p.fraction = s.substr(static_cast<std::size_t>(d.exponent) + 1);
  }
  if (d.digits == "0") p.fraction.clear();
  if (d.negative) p.whole.insert(0, "-");
  return p;
}
inline Parts scientific(Digits d, double x, int places) {
  if (static_cast<int>(d.digits.size()) - 1 > places) {
    char text[64];
    std::snprintf(text, sizeof(text), "%.*e", places, std::abs(x));
    d = split_scientific(text, d.negative);
  }
  return {(d.negative ? "-" : "") + d.digits.substr(0, 1), without_zeros(d.digits.substr(1)),
          exponent_text(d.exponent)};
}

/// All of `places` digits after the point: those of the number itself where the shortest form has fewer.
inline Parts exactly(const Digits& d, double x, int places) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*e", places, std::abs(x));
  const std::string s = text;
  const auto end = s.find('e');
  return {(d.negative ? "-" : "") + s.substr(0, 1), places > 0 ? s.substr(2, end - 2) : "",
          exponent_text(std::atoi(text + end + 1))};
}

/// A number by itself, as Python shows it.
inline std::string alone(const Digits& d, double x) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x < 0 ? "-inf" : "inf";
  const bool plain = x == 0 || (std::abs(x) >= 1e-4 && std::abs(x) < 1e16);
  if (!plain) {
    const Parts p = scientific(d, x, 20);
    return p.whole + (p.fraction.empty() ? "" : "." + p.fraction) + "e" + p.exponent;
  }
  const Parts p = positional(d, x, 1000);
  return p.whole + "." + (p.fraction.empty() ? "0" : p.fraction);
}

inline std::string right_aligned(std::string s, std::size_t width) {
  if (s.size() < width) s.insert(0, width - s.size(), ' ');
  return s;
}
inline std::size_t longer(std::size_t a, std::size_t b) { return a > b ? a : b; }
/// A width of at least `have`, with room for `text` of which `after` characters stand elsewhere.
inline std::size_t wide_enough(std::size_t have, std::size_t text, std::size_t after) {
  return text > after ? longer(have, text - after) : have;
}

/// Whether the numbers need exponents. `ratio`: largest over smallest, in their own type.
inline bool needs_exponents(double largest, double smallest, double ratio) {
  return largest >= 1e8 || smallest < 1e-4 || ratio > 1000;
}

/// The numbers as texts of one width.
inline std::vector<std::string> aligned(const std::vector<double>& x, const std::vector<Digits>& digits,
                                        bool exponents) {
  std::vector<Parts> parts;
  std::size_t left = 0, right = 0, exponent = 0;
  bool infinite = false, negative_infinity = false, none_finite = true;
  for (std::size_t i = 0; i < x.size(); ++i) {
    parts.emplace_back();
    if (!std::isfinite(x[i])) {
      infinite = true;
      negative_infinity = negative_infinity || (std::isinf(x[i]) && x[i] < 0);
      continue;
    }
    none_finite = false;
    parts.back() = exponents ? scientific(digits[i], x[i], precision) : positional(digits[i], x[i], precision);
    left = longer(left, parts.back().whole.size());
    right = longer(right, parts.back().fraction.size());
    exponent = longer(exponent, parts.back().exponent.size());
  }
  const std::size_t fraction = right;
  if (exponents && !none_finite) right += exponent - 1 + 2;
  if (infinite) left = wide_enough(wide_enough(left, 3, right + 1), negative_infinity ? 4 : 3, right + 1);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < x.size(); ++i) {
    Parts& p = parts[i];
    if (!std::isfinite(x[i])) {
      texts.push_back(right_aligned(std::isnan(x[i]) ? "nan" : x[i] < 0 ? "-inf" : "inf", left + right + 1));
      continue;
    }
    if (exponents) p = exactly(digits[i], x[i], static_cast<int>(fraction));
    std::string s = right_aligned(std::move(p.whole), left) + "." + p.fraction;
    if (exponents)
      s += "e" + p.exponent.substr(0, 1) + std::string(exponent - p.exponent.size(), '0') + p.exponent.substr(1);
    else s.append(fraction - p.fraction.size(), ' ');
    texts.push_back(std::move(s));
  }
  return texts;
}
inline std::vector<std::string> aligned(std::vector<std::string> texts) {
  std::size_t width = 0;
  for (const auto& t : texts) width = longer(width, t.size());
  for (auto& t : texts) t = right_aligned(std::move(t), width);
  return texts;
}

/// Which elements of an array are shown.
struct Shown {
  int rank = 0;
  Index extent[8] = {}, count[8] = {};  ///< of the array; of what is shown
  bool shortened = false;
};
inline Shown shown(int rank, const Index* extent) {
  Shown s;
  s.rank = rank;
  Index size = 1;
  for (int d = 0; d < rank; ++d) size *= extent[d];
  s.shortened = size > threshold;
  for (int d = 0; d < rank; ++d) {
    s.extent[d] = extent[d];
    s.count[d] = s.shortened && extent[d] > 2 * edge ? 2 * edge : extent[d];
  }
  return s;
}
/// Offsets of the elements shown, in row-major order.
inline void shown_offsets(const Shown& s, const Index* stride, int d, Index at, std::vector<Index>& offsets) {
  if (d == s.rank) return offsets.push_back(at);
  for (Index i = 0; i < s.count[d]; ++i)
    shown_offsets(s, stride, d + 1,
                  at + (i < edge || s.count[d] == s.extent[d] ? i : s.extent[d] - s.count[d] + i) * stride[d], offsets);
}

/// Rows in brackets.
class Layout {
 public:
  Layout(const Shown& s, const std::vector<std::string>& texts) : shown_(s), texts_(texts) {}
  std::string write() {
    next_ = 0;
    return block(0, " ", line_width);
  }

 private:
  std::string block(int d, const std::string& indent, Index width) {
    const bool cut = shown_.count[d] < shown_.extent[d];
    std::string s = d + 1 == shown_.rank ? row(indent, width - 1, shown_.count[d], cut) : rows(d, indent, width, cut);
    return "[" + s.substr(indent.size()) + "]";
  }
  std::string rows(int d, const std::string& indent, Index width, bool cut) {
    const std::string end(static_cast<std::size_t>(shown_.rank - d - 1), '\n');
    std::string s;
    for (Index i = 0; i < shown_.count[d]; ++i) {
      if (cut && i == edge) s += indent + "..." + end;
      s += indent + block(d + 1, indent + " ", width - 1) + (i + 1 < shown_.count[d] ? end : "");
    }
    return s;
  }
  std::string row(const std::string& indent, Index width, Index n, bool cut) {
    std::string s, line = indent;
    auto put = [&](const std::string& word) {
      if (static_cast<Index>(line.size() + word.size()) > width && line.size() > indent.size()) {
        while (line.back() == ' ') line.pop_back();
        s += line + "\n";
        line = indent;
      }
      line += word;
    };
    for (Index i = 0; i < n; ++i) {
      if (cut && i == edge) (put("..."), line += " ");
      put(texts_[next_++]);
      if (i + 1 < n) line += " ";
    }
    return s + line;
  }

  Shown shown_;
  const std::vector<std::string>& texts_;
  std::size_t next_ = 0;
};

}  // namespace tenon::inline TENON_ABI::print
