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
#include <utility>
#include <vector>

#include "tenon/base/result.hpp"

namespace tenon::inline TENON_ABI::io {

namespace file_detail {

/// "data/x.csv: cannot be opened: No such file or directory"
inline FileError failed(std::string_view path, std::string_view what, int error, std::string_view fix) {
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
    if (got < 0) return failed(path, "cannot be read", errno, "check that it is a file and that its disk is well");
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used == bytes.size()) bytes.resize(2 * used);
  }
  bytes.resize(used);
  return bytes;
}

/// What writing a file asks of the system. Tests give one that fails, or that ends the process, at the n-th call.
struct Posix {
  int create(const char* path) { return ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }
  int open_folder(const char* path) { return ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); }
  ::ssize_t write(int fd, const void* bytes, std::size_t n) { return ::write(fd, bytes, n); }
  int flush(int fd) { return ::fsync(fd); }
  int close(int fd) { return ::close(fd); }
  int rename(const char* from, const char* to) { return ::rename(from, to); }
  int remove(const char* path) { return ::unlink(path); }
};

/// A file made next to `path`, closed and removed unless it was renamed to it. Another name is tried when one is taken.
template <class System> class Temporary {
 public:
  Temporary(System& system, const std::string& path) : system_(&system) {
    for (int i = 0; fd_ < 0 && (i == 0 || (errno == EEXIST && i < 1000)); ++i) {
      name_ = path + ".tmp" + std::to_string(::getpid()) + "_" + std::to_string(i);
      fd_ = system_->create(name_.c_str());
    }
    made_ = fd_ >= 0;
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (fd_ >= 0) system_->close(fd_);
    if (made_) system_->remove(name_.c_str());
  }
  bool made() const noexcept { return made_; }
  // Each gives false, and errno, when the system refuses.
  bool write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ::ssize_t put = system_->write(fd_, bytes.data(), bytes.size());
      if (put < 0 && errno != EINTR) return false;
      if (put > 0) bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return true;
  }
  bool finish() { return system_->flush(fd_) == 0 && system_->close(std::exchange(fd_, -1)) == 0; }
  bool rename_to(const std::string& path) {
    if (system_->rename(name_.c_str(), path.c_str()) != 0) return false;
    made_ = false;
    return true;
  }

 private:
  System* system_;
  std::string name_;
  int fd_ = -1;
  bool made_ = false;
};

/// The new name of a file is on the disk only when its folder is.
template <class System> bool flush_folder_of(System& system, const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const int fd = system.open_folder(folder.c_str());
  if (fd < 0) return false;
  const bool flushed = system.flush(fd) == 0 || errno == EINVAL;  // some file systems flush no folders
  const int error = errno;
  system.close(fd);
  errno = error;
  return flushed;
}

/// try_write_file of the parts, one after another.
template <class System>
Result<Index> write_parts(System& system, const std::string& path, std::span<const std::span<const std::byte>> parts) {
  constexpr std::string_view written_fix = "check the space that is left; what was there before is untouched";
  Temporary<System> temporary(system, path);
  if (!temporary.made())
    return failed(path, "cannot be created", errno, "check that the folder exists and may be written");
  Index size = 0;
  for (const auto& part : parts) {
    if (!temporary.write(part)) return failed(path, "cannot be written", errno, written_fix);
    size += static_cast<Index>(part.size());
  }
  if (!temporary.finish()) return failed(path, "cannot be written", errno, written_fix);
  if (!temporary.rename_to(path))
    return failed(path, "cannot be replaced", errno, "give the path of a file, in a folder that may be written");
  if (!flush_folder_of(system, path))
    return failed(path, "is written, but its folder cannot be flushed to the disk", errno,
                  "check the disk, then write again");
  return size;
}
}  // namespace file_detail

/// The content of a file. The error names the path and what the system said.
inline Result<std::vector<std::byte>> try_read_file(const std::string& path) {
  return file_detail::read_whole<std::vector<std::byte>>(path);
}
inline std::vector<std::byte> read_file(const std::string& path) { return try_read_file(path).value(); }
inline Result<std::string> try_read_text(const std::string& path) { return file_detail::read_whole<std::string>(path); }
inline std::string read_text(const std::string& path) { return try_read_text(path).value(); }

/// Writes a file so that `path` holds either its old content or all of the new, whatever happens in between: into a new
/// file beside it, flushed to the disk, then renamed, and the folder flushed. Gives the number of bytes. A process that
/// is killed meanwhile leaves the new file behind, as path.tmp and two numbers.
inline Result<Index> try_write_file(const std::string& path, std::span<const std::byte> bytes) {
  file_detail::Posix system;
  return file_detail::write_parts(system, path, {&bytes, 1});
}
inline void write_file(const std::string& path, std::span<const std::byte> bytes) {
  try_write_file(path, bytes).value();
}
inline Result<Index> try_write_text(const std::string& path, std::string_view text) {
  return try_write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}
inline void write_text(const std::string& path, std::string_view text) { try_write_text(path, text).value(); }

}  // namespace tenon::inline TENON_ABI::io
