// What a call throws, as text.
#pragma once

#include <string>

#include "tenon/base/error.hpp"

namespace tenon_test {

/// The message of the Error that f() throws; "" when it throws none.
template <class Error = tenon::Error, class F> std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}
inline bool says(const std::string& message, std::string_view part) { return message.find(part) != std::string::npos; }

}  // namespace tenon_test
