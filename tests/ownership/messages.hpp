// Golden lines: what a call throws, word for word. A place in the test file reads F:L.
#pragma once

#include <string>

#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace messages {

struct Case {
  std::string message;
  void (*call)();
};

/// The text with each "file:line" as F:L, a thread's number as N, and a folder of the reader tests' as DIR.
inline std::string without_lines(std::string text, const std::string& file) {
  for (std::size_t at = text.find(file + ":"); at != std::string::npos; at = text.find(file + ":", at + 3)) {
    std::size_t end = at + file.size() + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    text.replace(at, end - at, "F:L");
  }
  constexpr std::string_view folder = "/tmp/tenon_io_";  // and six letters
  for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder, at + 3))
    text.replace(at, folder.size() + 6, "DIR");
  constexpr std::string_view number = "thread ";
  for (std::size_t at = text.find(number); at != std::string::npos; at = text.find(number, at + 3)) {
    std::size_t end = at += number.size();
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end > at) text.replace(at, end - at, "N");
  }
  return text;
}

template <std::size_t N> void check_all(const Case (&cases)[N], const char* file = __builtin_FILE()) {
  for (const auto& c : cases) CHECK(without_lines(tenon_test::error_of(c.call), file) == c.message);
}

}  // namespace messages
