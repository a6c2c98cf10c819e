// One line of text that fits a width: fields that may be left out, and a bar that takes what room is left.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI::train::detail {

/// Collects fields and lays them out in a buffer of its own: allocates nothing.
class ProgressLine {
 public:
  static constexpr int most_fields = 10, most_columns = 240, least_bar = 6, most_bar = 30;

  /// A field of printf's format, one column a character. Of fields that do not fit, the one with the highest number in
  /// `leave_out` goes first; 0 always stays.
  [[gnu::format(printf, 3, 4)]] void add(int leave_out, const char* format, ...) {
    if (count_ == most_fields) return;
    Field& f = fields_[count_++];
    f.leave_out = leave_out;
    std::va_list arguments;
    va_start(arguments, format);
    const int n = std::vsnprintf(f.text, sizeof f.text, format, arguments);
    va_end(arguments);
    f.columns = n < 0 ? 0 : n < static_cast<int>(sizeof f.text) ? n : static_cast<int>(sizeof f.text) - 1;
  }
  /// The line in at most `columns` columns, with a bar behind the first field when `part` is in [0, 1].
  const char* lay_out(int columns, double part, bool unicode) {
    const int limit = columns < most_columns ? columns : most_columns;
    const int bar = fit(limit, part >= 0);
    end_ = text_;
    int used = 0;
    for (int i = 0; i < count_; ++i) {
      if (fields_[i].leave_out < 0) continue;
      if (used + 2 >= limit) break;
      if (used > 0) used += put("  ", 2);
      used += put(fields_[i].text, fields_[i].columns < limit - used ? fields_[i].columns : limit - used);
      if (i == 0 && bar > 0) {
        put("  ", 2);
        used += 2 + bar;
        draw_bar(bar, part, unicode);
      }
    }
    *end_ = '\0';
    count_ = 0;
    return text_;
  }

 private:
  struct Field {
    char text[48];
    int columns, leave_out;
  };
  /// Marks what is left out by -1 and gives the width of the bar, or 0. The bar itself goes when all that may is gone.
  int fit(int limit, bool with_bar) {
    for (;;) {
      int used = 0, last = 0;
      for (int i = 0; i < count_; ++i) {
        if (fields_[i].leave_out < 0) continue;
        used += fields_[i].columns + (used > 0 ? 2 : 0);
        if (fields_[i].leave_out > fields_[last].leave_out) last = i;
      }
      const int room = limit - used - 2;
      if (with_bar && room >= least_bar) return room < most_bar ? room : most_bar;
      if (!with_bar && used <= limit) return 0;
      if (fields_[last].leave_out > 0) fields_[last].leave_out = -1;
      else if (with_bar) with_bar = false;
      else return 0;  // what is left will be cut
    }
  }
  int put(const char* s, int n) {
    std::memcpy(end_, s, static_cast<std::size_t>(n));
    end_ += n;
    return n;
  }
  void draw_bar(int width, double part, bool unicode) {
    if (unicode) {
      // Eighths of a column: U+2588 is full, U+2589 to U+258F are 7/8 to 1/8.
      const int eighths = static_cast<int>(part * width * 8 + 0.5);
      for (int i = 0; i < width; ++i) {
        const int filled = eighths - 8 * i;
        const char block[] = {'\xE2', '\x96', static_cast<char>(filled >= 8 ? 0x88 : 0x90 - filled)};
        if (filled > 0) put(block, 3);
        else put("\xC2\xB7", 2);  // a middle dot shows where the end is
      }
    } else {
      const int filled = static_cast<int>(part * (width - 2) + 0.5);
      put("[", 1);
      for (int i = 0; i < width - 2; ++i) put(i < filled ? "#" : ".", 1);
      put("]", 1);
    }
  }

  Field fields_[most_fields];
  int count_ = 0;
  char text_[most_columns + 2 * most_bar + 8];
  char* end_ = text_;
};

}  // namespace tenon::inline TENON_ABI::train::detail
