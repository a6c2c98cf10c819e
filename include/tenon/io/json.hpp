// As much JSON (RFC 8259) as file headers are made of, read strictly: objects, lists, strings, whole numbers.
//
// The tables of files are two or three levels deep and known in form, so their readers ask for what must come next and
// no tree is built. Other readers of JSON keep one of two members of the same name without a word; here the caller sees
// both.
#pragma once

#include <cstdint>
#include <string>

#include "tenon/base/result.hpp"
#include "tenon/io/utf8.hpp"

namespace tenon::inline TENON_ABI::io {

/// Goes through a text. What does not fit throws FileError: "name: byte 17: expected ':'".
class JsonReader {
 public:
  JsonReader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  /// Where the next character stands, from the text's beginning.
  std::size_t at() const { return at_; }

  /// Calls f(key) at the value of each member; f reads the value.
  template <class F> void object(const F& f) {
    expect('{');
    if (take('}')) return;
    do {
      const std::string key = string();
      expect(':');
      f(key);
    } while (take(','));
    expect('}');
  }
  /// Calls f() at each item; f reads it.
  template <class F> void list(const F& f) {
    expect('[');
    if (take(']')) return;
    do f();
    while (take(','));
    expect(']');
  }
  std::string string() {
    expect('"');
    std::string out;
    for (;;) {
      if (at_ >= text_.size()) fail("a string is not closed");
      const char c = text_[at_];
      if (c == '"') break;
      if (static_cast<unsigned char>(c) < 32) fail("a control character in a string");
      if (c == '\\') {
        ++at_;
        escaped(out);
      } else {
        const std::size_t n = utf8_length(text_.substr(at_));
        if (n == 0) fail("the text is no UTF-8");
        out += text_.substr(at_, n);
        at_ += n;
      }
    }
    ++at_;
    return out;
  }
  /// A whole number from 0 on, without sign, point or exponent.
  std::uint64_t whole() {
    skip_blanks();
    const std::size_t begin = at_;
    std::uint64_t x = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (x > (~std::uint64_t{0} - digit) / 10) fail("the number is too large");
      x = 10 * x + digit;
    }
    const char next = at_ < text_.size() ? text_[at_] : ' ';
    if (at_ == begin || next == '.' || next == 'e' || next == 'E') fail("expected a whole number from 0 on");
    if (at_ > begin + 1 && text_[begin] == '0') fail("a number starts with 0");
    return x;
  }
  /// Nothing but blanks may be left.
  void end() {
    skip_blanks();
    if (at_ != text_.size()) fail("expected the end");
  }

  [[noreturn]] TENON_COLD void fail(std::string_view what,
                                    std::string_view fix =
                                        "the file is damaged or its writer at fault: fetch or write "
                                        "it again") const {
    throw FileError({}, std::string(name_) + ": byte " + std::to_string(at_) + ": " + std::string(what), fix);
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected '") + c + "'");
  }
  /// What follows a backslash.
  void escaped(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    if (at_ >= text_.size()) fail("a string is not closed");
    const char c = text_[at_++];
    if (c == 'u') return append_utf8(code_point(), out);
    const std::size_t i = letters.find(c);
    if (i == std::string_view::npos) fail("an unknown escape in a string");
    out += meant[i];
  }
  std::uint32_t code_point() {
    const std::uint32_t high = hex4();
    if (high < 0xD800 || high > 0xDFFF) return high;
    if (high > 0xDBFF || text_.substr(at_, 2) != "\\u") fail("half of a surrogate pair");
    at_ += 2;
    const std::uint32_t low = hex4();
    if (low < 0xDC00 || low > 0xDFFF) fail("half of a surrogate pair");
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }
  std::uint32_t hex4() {
    std::uint32_t x = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : ' ';
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) fail("\\u wants four hexadecimal digits");
      x = 16 * x + static_cast<std::uint32_t>(digit);
    }
    return x;
  }
  static void append_utf8(std::uint32_t c, std::string& out) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) return put(c);
    if (c < 0x800) put(0xC0 | c >> 6);
    else if (c < 0x10000) put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F));
    else put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }

  std::string_view text_, name_;
  std::size_t at_ = 0;
};

/// The text as a JSON string, in quotes. Pre: it is UTF-8.
inline std::string json_string(std::string_view text) {
  std::string s = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') (s += '\\') += c;
    else if (static_cast<unsigned char>(c) >= 32) s += c;
    else ((s += "\\u00") += "0123456789abcdef"[(c >> 4) & 15]) += "0123456789abcdef"[c & 15];
  }
  return s + '"';
}

}  // namespace tenon::inline TENON_ABI::io
