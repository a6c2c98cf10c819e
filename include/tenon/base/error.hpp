// What tenon throws. A message reads "place: op: what; fix: how"; it names shapes, dtypes and values on both sides. Where a
// call has no means to know its place, as an operator, a second line says how to find it: called_from.hpp.
#pragma once

#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tenon/base/called_from.hpp"
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
  TENON_COLD Error(Loc where, std::string_view what, std::string_view fix)
      : Error(where, what, fix, where.known() ? nullptr : __builtin_return_address(0)) {}
  /// Where in the user's program the failed call stands; line 0 when not known (operators cannot record it).
  Loc where() const noexcept { return where_; }
  /// The message without place and fix; and the fix.
  std::string_view problem() const noexcept { return std::string_view(what()).substr(begin_, end_ - begin_); }
  std::string_view fix() const noexcept {
    const std::string_view rest = std::string_view(what()).substr(end_, fixed_ - end_);
    return rest.substr(rest.empty() ? 0 : before_fix.size());
  }

 protected:
  /// The calls are told from the one on that returns to `caller`; null: none are.
  TENON_COLD Error(Loc where, std::string_view what, std::string_view fix, const void* caller)
      : std::runtime_error(compose(where, what, fix, caller)),
        where_(where),
        begin_(where.known() ? to_string(where).size() + 2 : 0),
        end_(begin_ + what.size()),
        fixed_(end_ + (fix.empty() ? 0 : before_fix.size() + fix.size())) {}

 private:
  static constexpr std::string_view before_fix = "; fix: ";
  static std::string compose(Loc where, std::string_view what, std::string_view fix, const void* caller) {
    std::string s = to_string(where);
    if (!s.empty()) s += ": ";
    s += what;
    if (!fix.empty()) (s += before_fix) += fix;
    if (caller != nullptr) add_calls(s, caller);
    return s;
  }
  static void add_calls(std::string& s, const void* caller) {
    const CalledFrom calls(caller);
    try {
      s += calls.text();
    } catch (const std::bad_alloc&) {  // what went wrong is worth more than where
    }
  }
  Loc where_;
  std::size_t begin_, end_, fixed_;  // of the problem, in the message, and where the fix ends
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
/// A file that cannot be read or written, or whose content is not what its format says. The place it names is in the file.
struct FileError : Error {
  FileError(Loc where, std::string_view what, std::string_view fix) : Error(where, what, fix, nullptr) {}
};

}  // namespace tenon::inline TENON_ABI
