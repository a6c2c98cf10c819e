#include "tenon/memory/scratch.hpp"

#include <cstring>

#include "tests/catch.hpp"

namespace tn = tenon;
using tn::memory::Scratch;

TEST_CASE("scratch: those that live at once do not overlap, and share one block the next time", "[memory][scratch]") {
  const std::byte *first = nullptr, *second = nullptr;
  for (int round = 0; round < 3; ++round) {
    const Scratch a(100);
    std::memset(a.bytes(), 1, 100);
    const Scratch b(5000), none(0);
    std::memset(b.bytes(), 2, 5000);
    CHECK(reinterpret_cast<std::uintptr_t>(b.bytes()) % 64 == 0);
    CHECK(none.bytes() == nullptr);
    for (int i = 0; i < 100; ++i) REQUIRE(a.bytes()[i] == std::byte{1});
    if (round == 2) {  // by now the block has grown to what both need
      CHECK(a.bytes() == first);
      CHECK(b.bytes() == second);
      CHECK(b.bytes() == a.bytes() + 128);
    }
    first = a.bytes();
    second = b.bytes();
  }
  const Scratch after(100);
  CHECK(after.bytes() == first);  // all were given back
}
