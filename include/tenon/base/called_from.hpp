// Where in the program a call stands that had no means to record it: an operator, a conversion, a call with any number of
// operands.
#pragma once

#include "tenon/base/config.hpp"

#if TENON_CALLS_KNOWN
#include <dlfcn.h>
#include <unistd.h>
#include <unwind.h>
#endif

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace tenon::inline TENON_ABI {

/// The calls that led here, as a line with the command that shows them: functions and lines of the program and of
/// libraries of its own, where they were built with -g; without -g, functions. The innermost comes first; what is
/// tenon's own, and the system's libraries, are left out.
///   "\n  called from: addr2line -Cfpie '/home/me/train' 0x4f2a 0x51c0 0x3b11 | grep -vFe 'include/tenon/'"
/// Where the calls pass from one program file to another, another command follows behind `; `. The text is part of the
/// object: who asks may do so when no memory is left, and in a forked child. Empty where the system cannot tell (glibc can
/// from 2.35 on), or when it does not fit. Cost: some 5 us, and 0.3 us a call.
class CalledFrom {
 public:
  /// Of the calls those from the one on that returns to `caller`; all when none does.
  TENON_COLD explicit CalledFrom([[maybe_unused]] const void* caller) noexcept {
#if TENON_CALLS_KNOWN
    caller_ = reinterpret_cast<std::uintptr_t>(caller);
    _Unwind_Backtrace(&enter, this);
    write_commands();
    if (!fits_) length_ = 0;
#endif
  }
  CalledFrom(const CalledFrom&) = delete;
  CalledFrom& operator=(const CalledFrom&) = delete;
  std::string_view text() const noexcept { return {text_, length_}; }

 private:
  static constexpr std::size_t room = 4096;

#if TENON_CALLS_KNOWN
  // A build without optimisation is some 15 calls deep in tenon before it comes to the user's.
  static constexpr int most = 40;

  /// A program file in memory: the first members of glibc's link_map, which <link.h> defines. With that header would come
  /// hundreds of macros with short names, those of <elf.h>, into every program.
  struct LinkMap {
    std::uintptr_t bias;
    const char* name;  // "" for the program itself
    bool is_system() const noexcept {
      const std::string_view s = name;
      return s.starts_with("/lib/") || s.starts_with("/lib64/") || s.starts_with("/usr/lib");
    }
  };
  static _Unwind_Reason_Code enter(_Unwind_Context* context, void* self) noexcept {
    auto& my = *static_cast<CalledFrom*>(self);
    int exact = 0;
    const std::uintptr_t back = _Unwind_GetIPInfo(context, &exact);
    if (back == 0) return _URC_END_OF_STACK;
    if (back == my.caller_) my.count_ = 0;  // what was seen made the error
    if (my.count_ == most) return _URC_END_OF_STACK;
    my.call_[my.count_++] = back - (exact == 0);  // the call: what follows it may be of another line, or function
    return _URC_NO_REASON;
  }
  // Not by dl_iterate_phdr or dladdr: they wait for a lock that in a forked child nobody may be there to open.
  static const LinkMap* file_of(std::uintptr_t address) noexcept {
    dl_find_object found;
    if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) return nullptr;
    return reinterpret_cast<const LinkMap*>(found.dlfo_link_map);
  }
  void write_commands() noexcept {
    const LinkMap* file[most];
    bool only_system = true;
    for (int i = 0; i < count_; ++i) {
      file[i] = file_of(call_[i]);
      only_system &= file[i] == nullptr || file[i]->is_system();
    }
    const LinkMap* last = nullptr;
    for (int i = 0; i < count_; ++i) {
      if (file[i] == nullptr || (file[i]->is_system() && !only_system)) continue;
      if (file[i] != last) {
        if (last != nullptr) end_command();
        begin_command(*file[i], last == nullptr);
      }
      last = file[i];
      char address[20];
      std::snprintf(address, sizeof(address), " 0x%zx", static_cast<std::size_t>(call_[i] - last->bias));
      write(address);
    }
    if (last != nullptr) end_command();
  }
  void begin_command(const LinkMap& file, bool first) noexcept {
    char path[512];
    std::string_view name = file.name;
    if (name.empty()) {
      const ::ssize_t n = ::readlink("/proc/self/exe", path, sizeof(path));
      name = {path, n > 0 ? static_cast<std::size_t>(n) : 0};
      fits_ &= !name.empty() && name.size() < sizeof(path);
    }
    write(first ? "\n  called from: " : "; ");
    write(TENON_ADDR2LINE " -Cfpie ");
    write_quoted(name);
  }
  void end_command() noexcept {
    constexpr std::string_view here = __FILE__, below = "base/called_from.hpp";
    if (here.size() <= below.size()) return;  // -fmacro-prefix-map
    write(" | grep -vFe ");
    write_quoted(here.substr(0, here.size() - below.size()));
  }
  void write_quoted(std::string_view s) noexcept {  // for the shell
    write("'");
    for (const char& c : s) write(c == '\'' ? std::string_view("'\\''") : std::string_view(&c, 1));
    write("'");
  }
  void write(std::string_view s) noexcept {
    fits_ &= length_ + s.size() <= room;
    for (char c : s)
      if (length_ < room) text_[length_++] = c;
  }

  std::uintptr_t caller_ = 0, call_[most];
  int count_ = 0;
  bool fits_ = true;
#endif
  std::size_t length_ = 0;
  char text_[room];
};

}  // namespace tenon::inline TENON_ABI
