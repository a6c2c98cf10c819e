// A bare frame, and programs that have to stop with a message.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "tenon/memory/arena.hpp"

namespace tenon_test {

struct OpenFrame : tenon::memory::Frame {
  explicit OpenFrame(tenon::Arena& arena, tenon::Loc at = tenon::Loc::current()) : Frame(arena, false, at) {}
  ~OpenFrame() = default;
};

/// What f() writes to standard error before it aborts, in a process of its own; "" when it does not abort.
template <class F> std::string last_words(F f) {
  int ends[2];
  if (pipe(ends) != 0) return "";
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    f();
    _exit(0);
  }
  close(ends[1]);
  std::string words;
  char buffer[256];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof(buffer))) > 0;) words.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? words : "";
}

}  // namespace tenon_test
