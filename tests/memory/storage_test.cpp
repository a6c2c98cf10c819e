// Storage: who owns bytes, and what handles see when the last owner goes.
#include "tenon/memory/storage.hpp"

#include <cmath>
#include <cstdint>
#include <thread>

#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tn::Index;
using tn::memory::Storage, tn::memory::Stamp;

TEST_CASE("storage: bytes are aligned to 64, whatever their number", "[memory][storage]") {
  for (const Index n : {1, 15, 64, 65, 1000, 4096, 262144, 262145, 1000000}) {
    const Storage s(n);
    CHECK(reinterpret_cast<std::uintptr_t>(s.bytes()) % 64 == 0);
    std::memset(s.bytes(), 1, static_cast<std::size_t>(n));  // a sanitizer sees it when fewer are ours
  }
}
TEST_CASE("storage: no bytes need no memory but have a life", "[memory][storage]") {
  Stamp s;
  {
    const Storage empty(0);
    s = empty.stamp();
    CHECK(static_cast<bool>(empty));
    CHECK(empty.bytes() == nullptr);
    CHECK(s.alive());
  }
  CHECK(!s.alive());
}
TEST_CASE("storage: a copy shares, the last owner ends it", "[memory][storage]") {
  Stamp s;
  {
    Storage outer;
    CHECK(!outer);
    {
      Storage a(100);
      s = a.stamp();
      CHECK(a.unique());
      outer = a;
      CHECK(!a.unique());
      CHECK(outer.bytes() == a.bytes());
      const Storage third = Storage::share(s);
      CHECK(third.bytes() == a.bytes());
      CHECK(s.cell->owners == 3);
    }
    CHECK(s.alive());
    CHECK(outer.unique());
  }
  CHECK(!s.alive());
}
TEST_CASE("storage: moving leaves bytes, cell and handles where they are", "[memory][storage]") {
  Storage a(100);
  const Stamp s = a.stamp();
  const void* p = a.bytes();
  Storage b = std::move(a);
  CHECK(!a);
  CHECK(a.stamp().generation == 0);
  CHECK(!a.stamp().alive());
  CHECK(b.bytes() == p);
  CHECK(s.alive());
  Storage& same = b;
  b = same;
  CHECK(s.alive());
  b = std::move(same);
  CHECK(s.alive());
  b = Storage(10);
  CHECK(!s.alive());
  std::swap(a, b);
  CHECK(!b);
  CHECK(a.unique());
}
TEST_CASE("storage: what has no owner is shared without harm", "[memory][storage]") {
  const Storage none = Storage::share(Stamp{});
  const Storage copy = none;
  CHECK(!copy);
}
TEST_CASE("storage: moved to another thread and dropped there, it is dead here", "[memory][storage]") {
  Storage a(1000);
  const Stamp s = a.stamp();
  std::thread([b = std::move(a)]() mutable { b = Storage(); }).join();
  CHECK(!s.alive());
}
TEST_CASE("storage: fresh bytes are NaN at check level 2", "[memory][storage]") {
  const Storage s(64);
  if (tn::checks > 1) {
    for (int i = 0; i < 16; ++i) CHECK(std::isnan(static_cast<const float*>(s.bytes())[i]));
    for (int i = 0; i < 8; ++i) CHECK(std::isnan(static_cast<const double*>(s.bytes())[i]));
  }
}
#if defined(__has_feature)
constexpr bool thread_sanitizer = __has_feature(thread_sanitizer);
#else
constexpr bool thread_sanitizer = false;
#endif
TEST_CASE("storage: no memory is an exception that loses nothing", "[memory][storage]") {
  if (TENON_ASAN || thread_sanitizer) return;  // they stop the program at requests of this size
  tn::memory::Cell* next = tn::memory::CellPool::take({});
  tn::memory::CellPool::give(next);
  for (int i = 0; i < 100; ++i) CHECK_THROWS_AS(Storage(PTRDIFF_MAX / 2), std::bad_alloc);
  tn::memory::Cell* after = tn::memory::CellPool::take({});
  CHECK(after == next);  // the cell of the failed one went back
  tn::memory::CellPool::give(after);
  const Storage works(100);
  CHECK(works.bytes() != nullptr);
}
