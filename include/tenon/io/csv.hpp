// Tables of numbers in text: comma-separated values (RFC 4180), read strictly.
#pragma once

#include <charconv>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/dtype.hpp"
#include "tenon/io/file.hpp"

namespace tenon::inline TENON_ABI::io {

struct CsvOptions {
  bool header = false;   ///< the first line holds the names of the columns
  char separator = ',';  ///< ';', '\t', ' '...: any character but a quote or the end of a line
};

/// Row i, column j is values[i * columns + j].
template <element T> struct CsvTable {
  std::vector<std::string> header;  ///< one name a column, or empty
  Index rows = 0, columns = 0;
  std::vector<T> values;
};

namespace csv_detail {

/// Goes through the fields of a text.
class Reader {
 public:
  Reader(std::string_view text, std::string_view name, char separator)
      : text_(text), name_(name), separator_(separator) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // UTF-8 byte order mark
  }

  /// Nothing but blank lines is left.
  bool at_end() const {
    std::size_t i = at_;
    while (i < text_.size() && (is_blank(text_[i]) || text_[i] == '\r' || text_[i] == '\n')) ++i;
    return i == text_.size();
  }
  /// 1-based; a quoted field may take several lines.
  Index line() const { return line_; }

  struct Field {
    std::string_view text;
    bool last;  ///< of its row
  };
  /// The next field; text lies in the input or, when quotes had to be undone, in this reader until the next call.
  Field next(Index column) {
    std::size_t i = at_;
    while (i < text_.size() && is_blank(text_[i])) ++i;
    if (i < text_.size() && text_[i] == '"') return quoted(i + 1, column);
    const std::size_t begin = i;
    while (i < text_.size() && text_[i] != separator_ && text_[i] != '\n') ++i;
    std::size_t end = i;
    if (end > begin && text_[end - 1] == '\r' && (i == text_.size() || text_[i] == '\n')) --end;
    while (end > begin && is_blank(text_[end - 1])) --end;
    return {text_.substr(begin, end - begin), finish(i)};
  }

  /// "digits.csv:17:4: what": line, and field in it, both from 1.
  [[noreturn]] TENON_COLD void fail(Index line, Index column, std::string_view what, std::string_view fix) const {
    std::string s = std::string(name_) + ":" + std::to_string(line) + ":";
    if (column > 0) s += std::to_string(column) + ":";
    throw FileError({}, s + " " + std::string(what), fix);
  }

 private:
  bool is_blank(char c) const { return (c == ' ' || c == '\t') && c != separator_; }
  /// Steps over what ends the field at i; true when that is the end of the row.
  bool finish(std::size_t i) {
    const bool last = i >= text_.size() || text_[i] == '\n';
    at_ = i < text_.size() ? i + 1 : i;
    if (last) ++line_;
    return last;
  }
  Field quoted(std::size_t i, Index column) {
    const Index opened = line_;
    unquoted_.clear();
    for (;; ++i) {
      if (i >= text_.size())
        fail(opened, column, "the quote that opens this field is never closed",
             "close it, or double quotes inside a field");
      if (text_[i] == '"') {
        if (i + 1 >= text_.size() || text_[i + 1] != '"') break;
        ++i;
      }
      line_ += text_[i] == '\n';
      unquoted_ += text_[i];
    }
    for (++i; i < text_.size() && (is_blank(text_[i]) || text_[i] == '\r'); ++i) {
    }
    if (i < text_.size() && text_[i] != separator_ && text_[i] != '\n') {
      fail(line_, column, "text follows the closing quote", "quote the whole field and double the quotes inside it");
    }
    return {unquoted_, finish(i)};
  }

  std::string_view text_, name_;
  char separator_;
  std::size_t at_ = 0;
  Index line_ = 1;
  std::string unquoted_;
};

/// The field as part of a message: quoted, shortened, without control characters.
inline std::string shown(std::string_view field) {
  constexpr std::size_t most = 40;
  std::string s = "'";
  for (char c : field.substr(0, most)) s += static_cast<unsigned char>(c) < 32 || c == 127 ? '?' : c;
  return s + (field.size() > most ? "...'" : "'");
}

enum class Parse { good, not_a_number, out_of_range };

/// Whether a decimal number is below 1 in magnitude, from its digits and exponent: for one that no type holds.
inline bool is_tiny(std::string_view number) {
  const std::size_t e = number.find_first_of("eE");
  std::int64_t places = 0, exponent = 0;  // digits before the point, or minus the zeros behind it
  bool point = false, counts = false;
  for (const char c : number.substr(0, e)) {
    point = point || c == '.';
    counts = counts || (c >= '1' && c <= '9');
    if (c >= '0' && c <= '9' && counts != point) places += point ? -1 : 1;
  }
  if (e != std::string_view::npos) {
    const bool negative = number[e + 1] == '-', sign = negative || number[e + 1] == '+';
    const auto [rest, error] = std::from_chars(number.data() + e + 1 + sign, number.data() + number.size(), exponent);
    (void)rest;
    if (error == std::errc::result_out_of_range) return negative;
    exponent = negative ? -exponent : exponent;
  }
  return places + exponent <= 0;
}
template <class T> Parse parse_real(const char* begin, const char* end, T& x) {
  const auto [rest, error] = std::from_chars(begin, end, x);
  if (error == std::errc::invalid_argument || rest != end) return Parse::not_a_number;
  if (error != std::errc::result_out_of_range) return Parse::good;
  // Too large is an error; too small is 0 or denormal, which a wider type tells apart.
  long double wide = 0;
  const bool beyond = std::from_chars(begin, end, wide).ec == std::errc::result_out_of_range;
  if (beyond ? !is_tiny(std::string_view(begin, end)) : !(wide > -1 && wide < 1)) return Parse::out_of_range;
  x = beyond ? (*begin == '-' ? -T(0) : T(0)) : static_cast<T>(wide);
  return Parse::good;
}
template <class T> Parse parse_number(std::string_view field, T& x) {
  const char *begin = field.data(), *end = begin + field.size();
  if (field.size() > 1 && *begin == '+' && begin[1] != '-') ++begin;  // from_chars knows no plus
  if constexpr (is_half_v<T>) {
    float wide = 0;
    const Parse outcome = parse_real(begin, end, wide);
    x = T(wide);
    const bool overflowed = static_cast<float>(x) - static_cast<float>(x) != 0 && wide - wide == 0;
    return outcome == Parse::good && overflowed ? Parse::out_of_range : outcome;
  } else if constexpr (std::is_floating_point_v<T>) {
    return parse_real(begin, end, x);
  } else {
    std::int64_t wide = 0;
    const auto [rest, error] = std::from_chars(begin, end, wide);
    if (error == std::errc::invalid_argument || rest != end) return Parse::not_a_number;
    constexpr std::int64_t least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
    if (error == std::errc::result_out_of_range || wide < least || wide > most) return Parse::out_of_range;
    x = static_cast<T>(wide);
    return Parse::good;
  }
}

template <class T>
[[noreturn]] TENON_COLD void refuse(const Reader& in, Index line, Index column, std::string_view field, Parse why,
                                    bool maybe_header) {
  if (field.empty()) in.fail(line, column, "the field is empty", "every field must hold a number; nan is one");
  if (why == Parse::out_of_range) {
    in.fail(line, column, shown(field) + " is out of range for " + std::string(dtype_name<T>),
            "read the table as a wider type");
  }
  constexpr bool whole = std::is_integral_v<T>;
  in.fail(line, column, shown(field) + (whole ? " is not an integer" : " is not a number"),
          maybe_header
              ? "if the first line holds the names of the columns, set .header = true; else check the separator"
          : whole ? "correct the field or read the table as float or double"
                  : "correct the field");
}

inline std::vector<std::string> read_header(Reader& in) {
  std::vector<std::string> names;
  for (bool last = false; !last;) {
    const auto field = in.next(static_cast<Index>(names.size()) + 1);
    names.emplace_back(field.text);
    last = field.last;
  }
  return names;
}
inline std::string counted(Index n) { return std::to_string(n) + (n == 1 ? " field" : " fields"); }

/// Appends the numbers of one row and gives their count; more than `most` (0: unknown) are counted but not kept.
template <class T> Index read_row(Reader& in, Index most, bool maybe_header, std::vector<T>& values) {
  for (Index column = 1;; ++column) {
    const Index line = in.line();
    const auto field = in.next(column);
    if (most == 0 || column <= most) {
      T x{};
      const Parse outcome = parse_number<T>(field.text, x);
      if (outcome != Parse::good) refuse<T>(in, line, column, field.text, outcome, maybe_header);
      values.push_back(x);
    }
    if (field.last) return column;
  }
}

template <class T> CsvTable<T> parse(std::string_view text, std::string_view name, CsvOptions options) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw FileError({}, std::string(name) + ": the text is UTF-16", "save it as UTF-8");
  }
  Reader in(text, name, options.separator);
  if (in.at_end()) throw FileError({}, std::string(name) + ": the file is empty", "it should hold at least one line");
  CsvTable<T> table;
  const Index first = in.line();
  if (options.header) {
    table.header = read_header(in);
    table.columns = static_cast<Index>(table.header.size());
  }
  while (!in.at_end()) {
    const Index line = in.line();
    const Index found = read_row(in, table.columns, table.rows == 0 && !options.header, table.values);
    if (table.columns == 0) table.columns = found;
    if (found != table.columns) {
      in.fail(line, 0,
              "this line has " + counted(found) + ", line " + std::to_string(first) + " has " +
                  std::to_string(table.columns),
              "give every line the same number of fields");
    }
    ++table.rows;
  }
  return table;
}
}  // namespace csv_detail

/// The table in a text. Fields may be quoted ("" is a quote inside), blanks around numbers, a byte order mark, \r\n and
/// a missing end of the last line do not matter; nan, inf and 1e-3 are numbers. Errors are
/// "name:line:field: what; fix: how": not a number or an empty field, out of range for an integer T or too large for
/// a floating-point one (too small becomes 0), a line with more or fewer fields than the first, an open quote, no line.
/// A header without rows gives 0 rows. Throws ValueError for a separator that cannot be one.
template <element T>
CsvTable<T> parse_csv(std::string_view text, std::string_view name = "csv", CsvOptions options = {},
                      Loc at = Loc::current()) {
  const char c = options.separator;
  if (c == '"' || c == '\n' || c == '\r' || c == '\0') {
    throw ValueError(at, "tenon::io::parse_csv: the separator is a quote, an end of line or NUL",
                     "use ',', ';', '\\t' or ' '");
  }
  return csv_detail::parse<T>(text, name, options);
}
template <element T>
Result<CsvTable<T>> try_parse_csv(std::string_view text, std::string_view name = "csv", CsvOptions options = {},
                                  Loc at = Loc::current()) {
  try {
    return parse_csv<T>(text, name, options, at);
  } catch (FileError& error) {
    return std::move(error);
  }
}
template <element T>
Result<CsvTable<T>> try_read_csv(const std::string& path, CsvOptions options = {}, Loc at = Loc::current()) {
  auto text = try_read_text(path);
  if (!text) return text.error();
  return try_parse_csv<T>(*text, path, options, at);
}
template <element T> CsvTable<T> read_csv(const std::string& path, CsvOptions options = {}, Loc at = Loc::current()) {
  return try_read_csv<T>(path, options, at).value();
}

}  // namespace tenon::inline TENON_ABI::io
