// Where in the program a call stands that had no means to record it: an operator, a conversion, a call with any number of
// operands.
#pragma once

#include "tenon/base/config.hpp"

#if TENON_CALLS_KNOWN
#include <unistd.h>
#include <unwind.h>
#endif

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

#if TENON_CALLS_KNOWN
// What <link.h> declares. With it would come hundreds of macros with short names, those of <elf.h>, into every program.
struct dl_phdr_info;
extern "C" int dl_iterate_phdr(int (*callback)(dl_phdr_info*, std::size_t, void*), void* data);
#endif

namespace tenon::inline TENON_ABI {

/// The calls that led here, as a line with the command that shows them: functions and lines of the program, or of the
/// library of its own that this code is part of, when it was built with -g; without -g, functions. The innermost comes
/// first; what is tenon's own is left out.
///   "\n  called from: addr2line -Cfpie '/home/me/train' 0x4f2a 0x51c0 0x3b11 | grep -v include/tenon/"
/// The text is part of the object: who asks may do so when no memory is left. Empty where the system cannot tell.
/// Cost: some 5 us
class CalledFrom {
 public:
  /// Of the calls those from the one on that returns to `caller`; all when none does.
  TENON_COLD explicit CalledFrom([[maybe_unused]] const void* caller) noexcept {
#if TENON_CALLS_KNOWN
    caller_ = reinterpret_cast<std::uintptr_t>(caller);
    _Unwind_Backtrace(&enter, this);
    dl_iterate_phdr(&tell, this);
#endif
  }
  CalledFrom(const CalledFrom&) = delete;
  CalledFrom& operator=(const CalledFrom&) = delete;
  std::string_view text() const noexcept { return {text_, length_}; }

 private:
  // A build without optimisation is some 15 calls deep in tenon before it comes to the user's.
  static constexpr int most = 40;
  static constexpr std::size_t address_room = 20, path_room = 512, room = most * address_room + path_room + 600;

#if TENON_CALLS_KNOWN
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
  /// A program header, as the ABI of ELF lays it out.
  struct Part {
    static constexpr std::uint32_t load = 1;
#if UINTPTR_MAX > 0xffffffffu
    std::uint32_t type, flags;
    std::uintptr_t offset, address, physical, size_in_file, size, align;
#else
    std::uint32_t type, offset, address, physical, size_in_file, size, flags, align;
#endif
  };
  /// The first members of dl_phdr_info.
  struct Module {
    std::uintptr_t bias;
    const char* name;
    const Part* parts;
    std::uint16_t count;

    bool holds(std::uintptr_t address) const noexcept {
      for (int i = 0; i < count; ++i)
        if (parts[i].type == Part::load && address - (bias + parts[i].address) < parts[i].size) return true;
      return false;
    }
  };
  static int tell(dl_phdr_info* info, std::size_t, void* self) noexcept {
    auto& my = *static_cast<CalledFrom*>(self);
    Module module;
    std::memcpy(&module, info, sizeof(module));
    if (my.count_ == 0 || !module.holds(my.call_[0])) return 0;
    my.write_command(module);
    return 1;
  }
  void write_command(const Module& module) noexcept {
    char path[path_room];
    std::string_view name = module.name;
    if (name.empty()) {  // the program itself
      const ::ssize_t n = ::readlink("/proc/self/exe", path, path_room);
      name = {path, n > 0 ? static_cast<std::size_t>(n) : 0};
    }
    if (name.empty() || name.size() >= path_room) return;
    write("\n  called from: " TENON_ADDR2LINE " -Cfpie '");
    write(name);
    write("'");
    for (int i = 0; i < count_; ++i) {
      if (!module.holds(call_[i])) continue;
      char address[address_room];
      std::snprintf(address, address_room, " 0x%zx", static_cast<std::size_t>(call_[i] - module.bias));
      write(address);
    }
    constexpr std::string_view here = __FILE__, below = "base/called_from.hpp";
    write(" | grep -v ");
    write(here.substr(0, here.size() - below.size()));
  }
  void write(std::string_view s) noexcept {
    for (char c : s)
      if (length_ < room) text_[length_++] = c;
  }

  std::uintptr_t caller_ = 0, call_[most];
  int count_ = 0;
#endif
  std::size_t length_ = 0;
  char text_[room];
};

}  // namespace tenon::inline TENON_ABI
