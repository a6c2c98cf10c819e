#include "tenon/io/file.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>

#include "tests/catch.hpp"
#include "tests/io/text_helpers.hpp"

using namespace tenon;
using io_test::contains;
using io_test::Folder;
using io_test::message_of;

namespace {
int files_in(const std::string& path) {
  int n = 0;
  ::DIR* folder = ::opendir(path.c_str());
  REQUIRE(folder != nullptr);
  while (const ::dirent* entry = ::readdir(folder)) n += entry->d_name[0] != '.';
  ::closedir(folder);
  return n;
}
}  // namespace

TEST_CASE("file: what is written is read back", "[io][file]") {
  const Folder folder;
  for (const std::size_t size : {0u, 1u, 65535u, 65536u, 65537u, 300000u}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7);
    CHECK(io::try_write_text(folder / "a", text).value() == static_cast<Index>(size));
    CHECK(io::read_text(folder / "a") == text);
    const auto bytes = io::read_file(folder / "a");
    REQUIRE(bytes.size() == size);
    CHECK((size == 0 || bytes[size - 1] == static_cast<std::byte>(text[size - 1])));
  }
  CHECK(files_in(folder.path()) == 1);  // no temporary is left
}

TEST_CASE("file: a file whose size is not known beforehand is read whole", "[io][file]") {
  CHECK(io::read_text("/proc/self/status").size() > 100);  // its size is given as 0
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const std::string text(300000, 'p');  // more than a pipe holds
  const ::pid_t writer = ::fork();
  if (writer == 0) {
    std::size_t at = 0;
    while (at < text.size() && ::write(ends[1], text.data() + at, 1000) == 1000) at += 1000;
    ::_exit(0);
  }
  ::close(ends[1]);
  const std::string got = io::read_text("/dev/fd/" + std::to_string(ends[0]));
  ::close(ends[0]);
  ::waitpid(writer, nullptr, 0);
  CHECK(got == text);
}

TEST_CASE("file: errors name the path and the reason", "[io][file]") {
  const Folder folder;
  const std::string missing = message_of([&] { io::read_text(folder / "none.csv"); });
  CHECK(contains(missing, folder / "none.csv: cannot be opened: No such file or directory; fix: "));
  CHECK(contains(message_of([&] { io::read_file(folder.path()); }), "cannot be read: Is a directory"));
  CHECK(
      contains(message_of([&] { io::write_text(folder / "no/such/folder", "x"); }), "cannot be created: No such file"));
  CHECK(contains(message_of([&] { io::write_text(folder.path(), "x"); }), "cannot be replaced: "));
  CHECK_FALSE(io::try_read_text(folder / "none.csv"));
  CHECK_THROWS_AS(io::read_text(folder / "none.csv"), FileError);
}

TEST_CASE("file: a failed write leaves the old content and no new file", "[io][file]") {
  const Folder folder;
  io::write_text(folder / "a", "old");
  ::rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const ::rlimit small{1000, before.rlim_max};  // writes beyond 1000 bytes fail from here on
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string message = message_of([&] { io::write_text(folder / "a", std::string(5000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(contains(message, folder / "a: cannot be written: File too large"));
  CHECK(io::read_text(folder / "a") == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("file: a taken temporary name is not written to", "[io][file]") {
  const Folder folder;
  const std::string taken = (folder / "a") + ".tmp" + std::to_string(::getpid()) + "_0";
  io::write_text(taken, "someone else's");
  io::write_text(folder / "a", "mine");
  CHECK(io::read_text(taken) == "someone else's");
  CHECK(io::read_text(folder / "a") == "mine");
  CHECK(files_in(folder.path()) == 2);
}
