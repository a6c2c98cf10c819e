// What the output can show: a terminal that redraws a line, its width, and the characters it knows.
#pragma once

#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI::train {

struct Terminal {
  bool interactive = false;  ///< a line can be drawn over
  bool unicode = false;      ///< block characters
  bool colors = false;       ///< 256 colours by number
  int columns = 80;

  /// What stands behind a stream, by isatty, TERM and the locale in the environment; NO_COLOR is obeyed.
  static Terminal of(std::FILE* out) {
    Terminal t;
    const std::string_view term = text("TERM");
    t.interactive = ::isatty(::fileno(out)) == 1 && !term.empty() && term != "dumb";
    t.unicode = utf8_locale() && term != "linux";  // the console's font lacks the narrow blocks
    t.colors = t.interactive && text("NO_COLOR").empty() &&
               (term.find("256color") != std::string_view::npos || !text("COLORTERM").empty());
    t.columns = columns_of(out);
    return t;
  }
  /// The width now; 80 when it is no terminal.
  static int columns_of(std::FILE* out) {
    struct ::winsize size = {};
    return ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  }

 private:
  static std::string_view text(const char* variable) {
    const char* value = std::getenv(variable);
    return value == nullptr ? "" : value;
  }
  /// As the C library chooses: LC_ALL over LC_CTYPE over LANG.
  static bool utf8_locale() {
    for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
      const std::string_view value = text(variable);
      if (value.empty()) continue;
      const std::string_view set = value.substr(value.find('.') + 1);  // none: the whole name, which is no UTF-8
      return ::strncasecmp(set.data(), "utf-8", 5) == 0 || ::strncasecmp(set.data(), "utf8", 4) == 0;
    }
    return false;
  }
};

}  // namespace tenon::inline TENON_ABI::train
