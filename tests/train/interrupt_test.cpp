#include "tenon/train/interrupt.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/catch.hpp"

using namespace tenon;

TEST_CASE("interrupt: the first SIGINT is noted, the second ends the program", "[train][interrupt]") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGINT, SIG_DFL);
    int bad = 0;
    {
      train::Interrupt interrupt;
      bad |= interrupt.requested();
      ::raise(SIGINT);
      bad |= interrupt.requested() ? 0 : 2;
    }
    {
      train::Interrupt again;
      bad |= again.requested() ? 4 : 0;
      if (bad != 0) ::_exit(bad);
      ::raise(SIGINT);
      ::raise(SIGINT);
      ::_exit(8);
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK((WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)) == SIGINT);
}

TEST_CASE("interrupt: what SIGINT did before comes back", "[train][interrupt]") {
  struct ::sigaction before, after;
  ::sigaction(SIGINT, nullptr, &before);
  { train::Interrupt interrupt; }
  ::sigaction(SIGINT, nullptr, &after);
  CHECK(before.sa_handler == after.sa_handler);
}
