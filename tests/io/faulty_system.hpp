// A system that does what is asked of it, until the n-th call.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "tenon/io/file.hpp"

namespace io_test {

/// Counts calls; short writes of `most_write` bytes. Call number `at` (from 0) is refused with `error`, or with error 0
/// never happens: the process is killed instead, as nothing that it could catch or tidy up after.
struct FaultySystem {
  long at = -1;
  int error = 0;
  std::size_t most_write = ~std::size_t{0};
  long calls = 0;
  std::vector<std::string> log = {};
  tenon::io::file_detail::Posix real = {};

  int create(const char* path) { return due("create") ? -1 : real.create(path); }
  int open_folder(const char* path) { return due("open_folder") ? -1 : real.open_folder(path); }
  ::ssize_t write(int fd, const void* bytes, std::size_t n) {
    return due("write") ? -1 : real.write(fd, bytes, n < most_write ? n : most_write);
  }
  int flush(int fd) { return due("flush") ? -1 : real.flush(fd); }
  int close(int fd) {
    const bool refused = due("close");
    const int result = real.close(fd);  // a descriptor is gone even when close reports an error
    return refused ? -1 : result;
  }
  int rename(const char* from, const char* to) { return due("rename") ? -1 : real.rename(from, to); }
  int remove(const char* path) { return due("remove") ? -1 : real.remove(path); }

  bool due(const char* call) {
    if (log.empty() || log.back() != call) log.emplace_back(call);
    if (calls++ != at) return false;
    if (error == 0) ::kill(::getpid(), SIGKILL);
    errno = error;
    return true;
  }
};

}  // namespace io_test
