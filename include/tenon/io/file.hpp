// Whole files in and out of memory.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/result.hpp"

namespace tenon::inline TENON_ABI::io {

namespace file_detail {

/// "data/x.csv: cannot be opened: No such file or directory"
inline FileError failed(std::string_view path, std::string_view what, int error, std::string_view fix = {}) {
  return FileError({}, std::string(path) + ": " + std::string(what) + ": " + std::strerror(error), fix);
}

/// An open file, closed at the end of the scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int get() const noexcept { return fd_; }
  /// Closes now; false (and errno) when what was written did not reach the file.
  bool close() noexcept {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd) == 0;
  }

 private:
  int fd_;
};

/// Bytes is a std::string or a vector of bytes.
template <class Bytes> Result<Bytes> read_whole(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return failed(path, "cannot be opened", errno, "check the path and the permissions");
  struct ::stat status;
  // The size is a hint: pipes say 0, and a file may change while it is read.
  const bool known = ::fstat(file.get(), &status) == 0 && status.st_size > 0;
  Bytes bytes;
  std::size_t used = 0;
  bytes.resize(known ? static_cast<std::size_t>(status.st_size) + 1 : 65536);
  for (;;) {
    const ::ssize_t got = ::read(file.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, "cannot be read", errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used == bytes.size()) bytes.resize(2 * used);
  }
  bytes.resize(used);
  return bytes;
}

inline bool write_all(int fd, std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const ::ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return false;
    if (put > 0) bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

/// A file made next to `path`, removed unless it was renamed to it. Another name is tried when one is taken.
class Temporary {
 public:
  explicit Temporary(const std::string& path) {
    for (int i = 0; fd_ < 0 && (i == 0 || (errno == EEXIST && i < 1000)); ++i) {
      name_ = path + ".tmp" + std::to_string(::getpid()) + "_" + std::to_string(i);
      fd_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    made_ = fd_ >= 0;
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (made_) ::unlink(name_.c_str());
  }
  /// The descriptor, to be owned by the caller.
  int descriptor() const noexcept { return fd_; }
  bool rename_to(const std::string& path) noexcept {
    if (::rename(name_.c_str(), path.c_str()) != 0) return false;
    made_ = false;
    return true;
  }

 private:
  std::string name_;
  int fd_ = -1;
  bool made_ = false;
};
}  // namespace file_detail

/// The content of a file. The error names the path and what the system said.
inline Result<std::vector<std::byte>> try_read_file(const std::string& path) {
  return file_detail::read_whole<std::vector<std::byte>>(path);
}
inline std::vector<std::byte> read_file(const std::string& path) { return try_read_file(path).value(); }
inline Result<std::string> try_read_text(const std::string& path) { return file_detail::read_whole<std::string>(path); }
inline std::string read_text(const std::string& path) { return try_read_text(path).value(); }

/// Writes a file so that `path` holds either its old content or all of the new, whatever happens in between: into a new
/// file beside it, flushed to the disk, then renamed. Gives the number of bytes.
inline Result<Index> try_write_file(const std::string& path, std::span<const std::byte> bytes) {
  file_detail::Temporary temporary(path);
  file_detail::Descriptor file(temporary.descriptor());
  if (!file)
    return file_detail::failed(path, "cannot be created", errno, "check that the folder exists and may be written");
  if (!file_detail::write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || !file.close()) {
    return file_detail::failed(path, "cannot be written", errno);
  }
  if (!temporary.rename_to(path)) return file_detail::failed(path, "cannot be replaced", errno);
  return static_cast<Index>(bytes.size());
}
inline void write_file(const std::string& path, std::span<const std::byte> bytes) {
  try_write_file(path, bytes).value();
}
inline Result<Index> try_write_text(const std::string& path, std::string_view text) {
  return try_write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}
inline void write_text(const std::string& path, std::string_view text) { try_write_text(path, text).value(); }

}  // namespace tenon::inline TENON_ABI::io
