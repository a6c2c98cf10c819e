// What a misuse came to, as the program itself sees it. peers.sh sees the rest: a compiler's refusal, a sanitizer's
// report, a crash.
#pragma once

#include <cstdio>

namespace peers {
/// Ends the program's report: whether it computed what the formula says.
inline int right(bool is) {
  std::puts(is ? "right" : "wrong number");
  return 0;
}
template <class F> int refused_at_run_time(F f) {
  try {
    return f();
  } catch (...) {
    std::puts("run-time error");
    return 0;
  }
}
}  // namespace peers
