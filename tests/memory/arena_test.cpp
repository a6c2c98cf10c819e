// Arena: chunks, statistics, rewinding; that warm frames ask the system for nothing.
#include "tenon/memory/arena.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tests/catch.hpp"
#include "tests/memory/open_frame.hpp"

namespace tn = tenon;
using tenon_test::OpenFrame;
using tn::Arena, tn::Index;

namespace {

constexpr Index first_chunk = Index{1} << 16;
std::byte* bytes_of(OpenFrame& f, Index n) { return static_cast<std::byte*>(f.allocate(n)); }

}  // namespace

TEST_CASE("arena: nothing is asked of the system before it is needed", "[memory][arena]") {
  Arena arena;
  { OpenFrame f(arena); }
  CHECK(arena.statistics().chunks == 0);
  CHECK(arena.statistics().system_allocations == 0);
  CHECK(arena.statistics().rewinds == 1);
  CHECK(arena.top() == nullptr);
}
TEST_CASE("arena: blocks are aligned, disjoint and ours", "[memory][arena]") {
  Arena arena;
  OpenFrame f(arena);
  std::vector<std::pair<std::byte*, Index>> blocks;
  for (const Index n : {1, 16, 63, 64, 65, 0, 100, 40000, 30000, 64, 200000, 1}) {
    std::byte* p = bytes_of(f, n);
    CHECK(reinterpret_cast<std::uintptr_t>(p) % (n >= 64 ? 64 : 16) == 0);
    std::memset(p, static_cast<int>(blocks.size()), static_cast<std::size_t>(n));
    blocks.emplace_back(p, n);
  }
  for (std::size_t k = 0; k < blocks.size(); ++k)
    for (Index i = 0; i < blocks[k].second; ++i)
      if (blocks[k].first[i] != static_cast<std::byte>(k)) FAIL("block " << k << " was overwritten");
}
TEST_CASE("arena: live bytes and high water follow the frames", "[memory][arena]") {
  Arena arena;
  const auto now = [&] { return arena.statistics(); };
  {
    OpenFrame outer(arena);
    bytes_of(outer, 6400);
    CHECK(now().live == 6400);
    {
      OpenFrame inner(arena);
      bytes_of(inner, 640);
      CHECK(now().live == 7040);
      bytes_of(outer, 64);
    }
    CHECK(now().live == 6464);
    CHECK(now().high_water == 7104);
  }
  CHECK(now().live == 0);
  CHECK(now().high_water == 7104);
  CHECK(now().rewinds == 2);
}
TEST_CASE("arena: chunks double while a frame grows and coalesce when the outermost ends", "[memory][arena]") {
  Arena arena;
  const auto now = [&] { return arena.statistics(); };
  {
    OpenFrame f(arena);
    for (Index k = 0; k < 15; ++k) bytes_of(f, first_chunk);  // 1, 2, 4, 8 chunks' worth
    CHECK(now().chunks == 4);
    CHECK(now().system_allocations == 4);
    CHECK(now().live >= 15 * first_chunk);
  }
  CHECK(now().live == 0);
  CHECK(now().chunks == 1);
  CHECK(now().system_allocations == 5);
  {
    OpenFrame f(arena);
    bytes_of(f, 15 * first_chunk);  // in one piece now
    CHECK(now().system_allocations == 5);
  }
}
TEST_CASE("arena: a block larger than any chunk gets one that holds it", "[memory][arena]") {
  Arena arena;
  const auto now = [&] { return arena.statistics(); };
  {
    OpenFrame f(arena);
    bytes_of(f, 100);
    std::memset(bytes_of(f, 10 * first_chunk), 1, static_cast<std::size_t>(10 * first_chunk));
    bytes_of(f, 100);
    CHECK(now().chunks == 2);
  }
  CHECK(now().live == 0);
}
TEST_CASE("arena: warm frames ask the system for nothing, whatever they do", "[memory][arena]") {
  Arena arena;
  const auto now = [&] { return arena.statistics(); };
  auto step = [&](Index n) {
    OpenFrame f(arena);
    bytes_of(f, n);
    for (int k = 0; k < 3; ++k) {
      OpenFrame inner(arena);
      bytes_of(inner, n / 2);
      bytes_of(f, n / 8);
      OpenFrame third(arena);
      bytes_of(third, n);
    }
  };
  for (int k = 0; k < 3; ++k) step(300000);
  const auto warm = now();
  for (int k = 0; k < 100; ++k) step(k % 2 == 0 ? 300000 : 1000);
  CHECK(now().system_allocations == warm.system_allocations);
  CHECK(now().chunks == warm.chunks);
  CHECK(now().high_water == warm.high_water);
  CHECK(now().live == 0);
}
TEST_CASE("arena: what cannot be had is bad_alloc, and the frame goes on", "[memory][arena]") {
  Arena arena;
  OpenFrame f(arena);
  std::byte* p = bytes_of(f, 100);
  std::memset(p, 5, 100);
  const auto before = arena.statistics();
  CHECK_THROWS_AS(f.allocate(PTRDIFF_MAX), std::bad_alloc);
  CHECK_THROWS_AS(f.allocate(-1), std::bad_alloc);
  if (!TENON_ASAN) CHECK_THROWS_AS(f.allocate(PTRDIFF_MAX / 8), std::bad_alloc);
  CHECK(arena.statistics().live == before.live);
  CHECK(arena.statistics().chunks == before.chunks);
  bytes_of(f, first_chunk);
  for (int i = 0; i < 100; ++i) CHECK(p[i] == std::byte{5});
}
TEST_CASE("arena: it cannot end before its frames", "[memory][arena]") {
  const std::string words = tenon_test::last_words([] {
    alignas(Arena) std::byte place[sizeof(Arena)];
    auto* arena = ::new (place) Arena;
    OpenFrame f(*arena);
    arena->~Arena();
  });
  CHECK(words.find("tenon::Arena: destroyed while a Step or Scope of it is open; declare the arena before them") !=
        std::string::npos);
}
TEST_CASE("arena: level 2 leaves NaN where a frame has ended", "[memory][arena]") {
  if (TENON_ASAN || tn::checks < 2) return;
  Arena arena;
  {
    OpenFrame warm(arena), again(arena);
    bytes_of(warm, 64);
  }
  OpenFrame outer(arena);
  const float* p = nullptr;
  {
    OpenFrame f(arena);
    p = static_cast<const float*>(static_cast<void*>(bytes_of(f, 64)));
    std::memset(const_cast<float*>(p), 0, 64);
  }
  for (int i = 0; i < 16; ++i) CHECK(std::isnan(p[i]));
}
#if TENON_ASAN
TEST_CASE("arena: AddressSanitizer sees the end of a frame", "[memory][arena]") {
  Arena arena;
  OpenFrame outer(arena);
  std::byte* kept = bytes_of(outer, 1000);
  std::byte* p = nullptr;
  std::byte* far = nullptr;
  {
    OpenFrame f(arena);
    p = bytes_of(f, 1000);
    far = bytes_of(f, 3 * first_chunk);
    CHECK(__asan_region_is_poisoned(p, 1000) == nullptr);
    CHECK(__asan_region_is_poisoned(far, static_cast<std::size_t>(3 * first_chunk)) == nullptr);
    CHECK(__asan_address_is_poisoned(far + 3 * first_chunk));  // behind the last block
  }
  for (int i = 0; i < 1000; i += 8) CHECK(__asan_address_is_poisoned(p + i));
  CHECK(__asan_address_is_poisoned(far));
  CHECK(__asan_address_is_poisoned(far + 3 * first_chunk - 1));
  CHECK(__asan_region_is_poisoned(kept, 1000) == nullptr);
}
#endif
