// What a call throws, as text.
#pragma once

#include <string>

#include "tenon/base/error.hpp"

namespace tenon_test {

/// Where the line begins by which a message ends when the call knew no place: a command that shows who called.
/// npos: there is none, or not in its fixed form.
inline std::size_t calls_of(std::string_view message) {
  const std::size_t begin = message.find("\n  called from: " TENON_ADDR2LINE " -Cfpie '/");
  const std::size_t path_end = message.find("' 0x", begin), grep = message.find(" | grep -vFe '", path_end);
  if (grep == message.npos) return message.npos;
  if (message.find_first_not_of(" 0123456789abcdefx", path_end + 1) != grep + 1) return message.npos;
  constexpr std::string_view tenon = "include/tenon/'";
  return message.size() > grep + tenon.size() && message.ends_with(tenon) ? begin : message.npos;
}
/// What e says without that line. Every error has either a place or the line, but for those of files, whose place is in
/// the file: what does not keep to this is said at the end.
inline std::string message_of(const tenon::Error& e) {
  const std::string message = e.what();
  const std::size_t calls = calls_of(message);
  const bool placed = e.where().known() || dynamic_cast<const tenon::FileError*>(&e) != nullptr;
  if (placed == (calls == message.npos)) return message.substr(0, calls);
  return message + (placed ? "\nAND A PLACE" : "\nBUT NO PLACE");
}
/// The message of the Error that f() throws, as message_of; "" when it throws none.
template <class Error = tenon::Error, class F> std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return message_of(e);
  }
  return "";
}
inline bool says(const std::string& message, std::string_view part) { return message.find(part) != std::string::npos; }

}  // namespace tenon_test
