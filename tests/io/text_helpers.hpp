// What the reader tests share: files in a folder of their own, and the message of an error.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tenon/base/error.hpp"

namespace io_test {

/// A folder that vanishes with its files at the end of the scope.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/tenon_io_XXXXXX";
    if (::mkdtemp(name) != nullptr) path_ = name;
  }
  Folder(const Folder&) = delete;
  ~Folder() {
    if (!path_.empty() && std::system(("rm -rf " + path_).c_str()) != 0) std::perror("rm");
  }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  std::string path() const { return path_; }

 private:
  std::string path_;
};

/// The message of what f throws.
template <class F> std::string message_of(F f) {
  try {
    f();
  } catch (const tenon::Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}
inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace io_test
