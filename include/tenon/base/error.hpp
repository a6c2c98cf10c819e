// What tenon throws. A message reads "place: op: what: fix"; it names shapes, dtypes and values on both sides.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI {

/// A place in the user's program. std::source_location is missing in clang 14 with libstdc++ 12.
struct Loc {
  const char* file = "";
  unsigned line = 0;
  static constexpr Loc current(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
    return {file, line};
  }
  constexpr bool known() const { return line != 0; }
};

inline std::string to_string(Loc at) { return at.known() ? std::string(at.file) + ":" + std::to_string(at.line) : ""; }

/// Base of everything tenon throws, except std::bad_alloc. No error is made without a word on how to fix it.
class Error : public std::runtime_error {
 public:
  Error(Loc where, std::string_view what, std::string_view fix)
      : std::runtime_error(compose(where, what, fix)), where_(where) {}
  /// Where in the user's program the failed call stands; line 0 when not known (operators cannot record it).
  Loc where() const noexcept { return where_; }

 private:
  static std::string compose(Loc where, std::string_view what, std::string_view fix) {
    std::string s = to_string(where);
    if (!s.empty()) s += ": ";
    s += what;
    if (!fix.empty()) (s += "; fix: ") += fix;
    return s;
  }
  Loc where_;
};

/// A handle used against the rules of ownership: a bug in the calling program.
struct OwnershipError : Error {
  using Error::Error;
};
/// Shapes that do not fit each other or the operation, or an index outside its extent.
struct ShapeError : Error {
  using Error::Error;
};
/// An argument outside its range: a label, a probability, an option.
struct ValueError : Error {
  using Error::Error;
};
/// A file that cannot be read or written, or whose content is not what its format says.
struct FileError : Error {
  using Error::Error;
};

}  // namespace tenon::inline TENON_ABI
