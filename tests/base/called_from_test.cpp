#include "tenon/base/called_from.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>

#include "tests/catch.hpp"
#include "tests/counting_new.hpp"
#include "tests/error_of.hpp"

using tenon::CalledFrom;
using tenon_test::calls_of;

namespace {

[[gnu::noinline]] std::string calls_from(const void* caller) { return std::string(CalledFrom(caller).text()); }
[[gnu::noinline]] std::string calls_from_here_on() { return calls_from(__builtin_return_address(0)); }
long addresses(const std::string& text) {
  long n = 0;
  for (std::size_t at = text.find(" 0x"); at != text.npos; at = text.find(" 0x", at + 1)) ++n;
  return n;
}
std::string first_address(const std::string& text) {
  const std::size_t begin = text.find(" 0x") + 1;
  return text.substr(begin, text.find(' ', begin) - begin);
}
tenon::ShapeError clash() { return {{}, "f: 3 and 4", "give 3"}; }

}  // namespace

TEST_CASE("called_from: a command that names the program and its calls", "[base][called_from]") {
  const std::string text = calls_from(nullptr);
  CHECK(calls_of(text) == 0);
  const std::size_t path = text.find('\'') + 1;
  std::FILE* program = std::fopen(text.substr(path, text.find('\'', path) - path).c_str(), "rb");
  REQUIRE(program != nullptr);
  std::fclose(program);
  CHECK(addresses(text) >= 2);
  CHECK(addresses(text) <= 40);
}
TEST_CASE("called_from: begins with the call that is named", "[base][called_from]") {
  const int stranger = 0;  // to which nothing returns
  const std::string text = calls_from_here_on(), all = calls_from(&stranger);
  CHECK(calls_of(text) == 0);
  CHECK(addresses(text) >= 1);
  CHECK(first_address(text) != first_address(all));
  CHECK(first_address(all) == first_address(calls_from(nullptr)));
}
TEST_CASE("called_from: another thread has calls of its own", "[base][called_from][threads]") {
  const std::string here = calls_from_here_on();  // this function, then what called it, to the end
  std::string there;
  std::thread([&] { there = calls_from_here_on(); }).join();
  CHECK(calls_of(there) == 0);
  CHECK(addresses(there) >= 1);
  const std::string outermost = here.substr(0, here.find(" | grep"));
  CHECK(there.find(outermost.substr(outermost.rfind(' '))) == there.npos);
}
TEST_CASE("called_from: a forked child can tell, whatever its parent's threads were at",
          "[base][called_from][threads]") {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return;  // it makes the child wait for locks of its own
#endif
#endif
  std::atomic<bool> stop{false};
  std::thread errs([&] {
    while (!stop) (void)calls_from(nullptr);
  });
  int right = 0;
  constexpr int children = 100;
  for (int i = 0; i < children; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      _exit(calls_of(calls_from(nullptr)) == 0 ? 0 : 1);
    }
    int status = -1;
    right += waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (right <= i) break;
  }
  stop = true;
  errs.join();
  CHECK(right == children);
}
TEST_CASE("called_from: takes no memory", "[base][called_from]") {
  const long before = tenon_test::new_calls;
  const CalledFrom calls(nullptr);
  const long after = tenon_test::new_calls;
  CHECK(after == before);
  CHECK(calls.text().size() > 0);
}
TEST_CASE("error: without a place it ends in who called; with one, or of a file, it does not", "[base][called_from]") {
  const tenon::ShapeError plain = clash();
  const std::string message = plain.what();
  CHECK(calls_of(message) == std::string("f: 3 and 4; fix: give 3").size());
  CHECK((plain.problem() == "f: 3 and 4" && plain.fix() == "give 3"));
  CHECK(tenon_test::message_of(plain) == "f: 3 and 4; fix: give 3");
  const tenon::ShapeError bare({}, "f: no", "");
  CHECK((bare.problem() == "f: no" && bare.fix().empty() && calls_of(bare.what()) == 5));
  const tenon::ShapeError placed({"a.cpp", 12}, "f: no", "do");
  CHECK(std::string(placed.what()) == "a.cpp:12: f: no; fix: do");
  CHECK((placed.problem() == "f: no" && placed.fix() == "do"));
  const tenon::FileError file({}, "x.csv:2: no", "do");
  CHECK(std::string(file.what()) == "x.csv:2: no; fix: do");
}
TEST_CASE("error: memory that runs out costs it the calls, then itself", "[base][called_from]") {
  long whole = 0, without_calls = 0, none = 0;
  for (int n = 1; whole == 0; ++n) {
    REQUIRE(n < 100);
    tenon_test::fail_new_once = true;
    tenon_test::fail_new_at = n;
    try {
      const tenon::ShapeError e = clash();
      tenon_test::fail_new_at = 0;
      const std::string message = e.what();
      if (calls_of(message) != message.npos) ++whole;
      else if (message == "f: 3 and 4; fix: give 3") ++without_calls;
    } catch (const std::bad_alloc&) {
      ++none;
    }
    tenon_test::fail_new_at = 0;
  }
  CHECK(without_calls == 1);
  CHECK(none >= 1);
}
