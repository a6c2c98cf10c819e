// How this program was built: the first thing to look at when it is slower than expected.
#pragma once

#include <string>
#include <string_view>

#include "tenon/base/unit.hpp"
#include "tenon/simd/batch.hpp"
#include "tenon/simd/parallel.hpp"

namespace tenon::inline TENON_ABI {

struct BuildInfo {
  int checks;                 ///< TENON_CHECKS: 0, 1 or 2
  std::string_view isa;       ///< instruction set: "avx512", "avx2", "sse2"...
  Index float_lanes;          ///< floats that one instruction works on
  int threads;                ///< threads that a large loop may use now; 1 without OpenMP
  std::string_view compiler;  ///< name and version
  bool optimised = true;      ///< false at -O0

  friend bool operator==(const BuildInfo&, const BuildInfo&) = default;
};

/// What this translation unit was compiled with; the same in all of them (base/unit.hpp).
inline BuildInfo build_info() {
#if defined(__clang__)
  constexpr std::string_view compiler =
      "clang " TENON_STRING(__clang_major__) "." TENON_STRING(__clang_minor__) "." TENON_STRING(__clang_patchlevel__);
#else
  constexpr std::string_view compiler = "g++ " __VERSION__;
#endif
#if defined(__OPTIMIZE__)
  constexpr bool optimised = true;
#else
  constexpr bool optimised = false;
#endif
  return {TENON_CHECKS, TENON_STRING(TENON_ISA), simd::Batch<float>::size, simd::thread_count(), compiler, optimised};
}

/// One line: "checks 1, avx2 (8 floats at once), 4 threads, g++ 12.2.0".
inline std::string to_string(const BuildInfo& info) {
  std::string s = "checks " + std::to_string(info.checks);
  ((s += ", ") += info.isa) += " (" + std::to_string(info.float_lanes) + " floats at once), ";
  s += std::to_string(info.threads) + (info.threads == 1 ? " thread, " : " threads, ");
  s += info.compiler;
  return info.optimised ? s : s + ", not optimised";
}

}  // namespace tenon::inline TENON_ABI
