// One program, one setting. The inline namespace TENON_ABI keeps code of different check levels, instruction sets and
// threading apart, but a tensor handed from one to the other would still be misread. So each translation unit compares
// its settings with those of the first, before main, and a mixed program stops there and says which units differ.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tenon/base/config.hpp"

// Outside TENON_ABI on purpose: the one thing all units share, whatever they were built with.
namespace tenon::unit {
struct Settings {
  const char* name;  // the file given to the compiler
  int checks;
  const char* isa;
  const char* threads;
};
// Hidden: each shared library is a program of its own, so a plugin built otherwise does not end its host, nor does it
// leave the host a pointer into memory that goes when it is unloaded.
[[gnu::visibility("hidden")]] inline constinit const Settings* first = nullptr;
}  // namespace tenon::unit

namespace tenon::inline TENON_ABI::unit_check {

/// Whether `mine` fits the program's first unit; when not, prints both to stderr and ends the program with status 1.
inline bool same_as_first(const unit::Settings& mine) {
  const unit::Settings* first = unit::first;
  if (!first) return unit::first = &mine, true;
  if (first->checks == mine.checks && !std::strcmp(first->isa, mine.isa) && !std::strcmp(first->threads, mine.threads))
    return true;
  std::fprintf(stderr, "tenon: this program mixes units that were built with different settings:\n");
  const unit::Settings* both[] = {first, &mine};
  for (const unit::Settings* u : both)
    std::fprintf(stderr, "  %s: TENON_CHECKS=%d, instruction set %s, threads %s\n", u->name, u->checks, u->isa,
                 u->threads);
  std::fprintf(stderr,
               "fix: compile all of them with the same -DTENON_CHECKS, -march and -fopenmp; or, where a unit shares no "
               "tensor with the others, with -DTENON_ALLOW_MIXED_UNITS\n");
  std::_Exit(EXIT_FAILURE);
}

}  // namespace tenon::inline TENON_ABI::unit_check

#if !defined(TENON_ALLOW_MIXED_UNITS)
namespace {  // one in each unit is the point. NOLINTBEGIN(misc-definitions-in-headers)
constexpr tenon::unit::Settings tenon_unit_settings{__BASE_FILE__, TENON_CHECKS, TENON_STRING(TENON_ISA),
                                                    TENON_STRING(TENON_THREADS)};
[[maybe_unused]] const bool tenon_unit_fits = tenon::unit_check::same_as_first(tenon_unit_settings);
}  // namespace
// NOLINTEND(misc-definitions-in-headers)

// With the CMake targets a mixed program does not even link. Absolute symbols of one name may repeat in the units of a
// program as long as their values agree (hidden, so that each shared library is a program of its own); the linker's
// "multiple definition of tenon_isa_is_avx2" then says what differs.
#if defined(TENON_LINK_GUARD)
asm(".irp name, checks_are, isa_is_avx512, isa_is_avx2, isa_is_avx, isa_is_sse42, isa_is_sse2, isa_is_neon, "
    "isa_is_scalar, threads_are_omp, threads_are_serial\n"
    ".globl tenon_\\name\n.hidden tenon_\\name\n.set tenon_\\name, 0\n.endr\n"
    ".set tenon_checks_are, " TENON_STRING(TENON_CHECKS) "\n"
    ".set tenon_isa_is_" TENON_STRING(TENON_ISA) ", 1\n"
    ".set tenon_threads_are_" TENON_STRING(TENON_THREADS) ", 1\n");
#endif
#endif
