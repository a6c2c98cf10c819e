// Cells: what a handle finds out about its storage, and where cells go.
#include "tenon/memory/cell.hpp"

#include <set>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
namespace memory = tenon::memory;
using memory::Cell, memory::CellPool, memory::Stamp;
using tenon_test::error_of, tenon_test::says;

namespace {

Stamp stamp_of(Cell* c) { return {c, c->generation.load()}; }
std::string refusal(Stamp s) {
  return error_of<tn::OwnershipError>([&] { memory::check(s, "op", tn::Loc{"file.cpp", 7}); });
}
/// The cells that a new thread finds: those left by threads that ended come first.
std::set<Cell*> cells_of_a_new_thread() {
  std::set<Cell*> seen;
  std::thread([&] {
    std::vector<Cell*> taken;
    for (int i = 0; i < 4096; ++i) taken.push_back(CellPool::take({}));
    seen.insert(taken.begin(), taken.end());
    for (Cell* c : taken) CellPool::give(c);
  }).join();
  return seen;
}

}  // namespace

TEST_CASE("cell: one cache line", "[memory][cell]") {
  STATIC_REQUIRE(sizeof(Cell) == (tn::checks > 1 ? 128 : 64));  // level 2 keeps places, too
  STATIC_REQUIRE(alignof(Cell) == 64);
}
TEST_CASE("cell: giving back kills every handle, and no later use of the cell revives one", "[memory][cell]") {
  std::vector<Stamp> old;
  for (int i = 0; i < 1000; ++i) {
    Cell* c = CellPool::take({});
    const Stamp s = stamp_of(c);
    CHECK(s.alive());
    for (const Stamp& o : old) CHECK(!o.alive());
    CellPool::give(c);
    CHECK(!s.alive());
    if (i % 100 == 0) old.push_back(s);
  }
  for (const Stamp& o : old) CHECK(says(refusal(o), "stale handle"));
}
TEST_CASE("cell: a cell given back is the next one taken, as new", "[memory][cell]") {
  Cell* c = CellPool::take({"a.cpp", 1});
  c->owners = 3;
  c->traits.learns = 1;
  c->holder = c;
  c->state.store(memory::this_thread_id | memory::exclusive_bit);
  CellPool::give(c);
  Cell* again = CellPool::take({"b.cpp", 1234567});
  CHECK(again == c);
  CHECK(again->owners == 1);
  CHECK(again->traits.learns == 0);
  CHECK(again->holder == nullptr);
  CHECK(again->bytes == nullptr);
  CHECK(again->state.load() == memory::this_thread_id);
  CHECK(again->traits.born_line == 1234567);
  CellPool::give(again);
}
TEST_CASE("cell: the check names what is wrong and where", "[memory][cell]") {
  Cell* c = CellPool::take({"made.cpp", 42});
  const Stamp s = stamp_of(c);
  CHECK(refusal(s).empty());

  c->state.store(memory::this_thread_id | memory::exclusive_bit);
  CHECK(says(refusal(s), "file.cpp:7: tenon::op: read or written while a MutView of it is open (made at made.cpp:42)"));
  CHECK_NOTHROW(memory::check(s, "op", {}, memory::exclusive_bit));
  c->state.store(memory::this_thread_id);
  CHECK(error_of([&] { memory::check(s, "op", {}, memory::exclusive_bit); }) != "");  // the borrow it speaks of is over

  const std::uint64_t version = s.version();
  CHECK_NOTHROW(memory::check(s, version, "op"));
  c->grow_version();
  CHECK(says(error_of([&] { memory::check(s, version, "op"); }),
             "was modified between the expression that reads it and its evaluation (made at made.cpp:42)"));

  CellPool::give(c);
  CHECK(says(refusal(s), "stale handle"));
  CHECK(says(error_of([&] { memory::check(s, version + 1, "op"); }), "stale handle"));
  CHECK(says(error_of([&] { memory::check(s, s.version(), "op"); }), "stale handle"));  // read off too late
  CHECK(says(refusal(Stamp{}), "used after it was moved from"));
}
TEST_CASE("cell: another thread may not use it", "[memory][cell]") {
  Cell* c = CellPool::take({});
  const Stamp s = stamp_of(c);
  std::string first, after_id;
  std::thread([&] {
    first = refusal(s);  // before this thread has a number
    (void)memory::thread_id();
    after_id = refusal(s);
  }).join();
  CHECK(says(first, "used on a thread that does not own it"));
  CHECK(says(after_id, "used on a thread that does not own it"));
  CHECK(refusal(s).empty());
  CellPool::give(c);
}
TEST_CASE("cell: threads have numbers of their own, never 0", "[memory][cell]") {
  std::set<std::uint32_t> ids{memory::thread_id()};
  for (int i = 0; i < 8; ++i) {
    std::uint32_t id = 0;
    std::thread([&] { id = memory::thread_id(); }).join();
    CHECK(id != 0);
    CHECK(ids.insert(id).second);
  }
  CHECK(memory::thread_id() == memory::this_thread_id);
}
TEST_CASE("cell: a thread that ends leaves its cells to the others", "[memory][cell]") {
  Cell* c = nullptr;
  std::thread([&] {
    c = CellPool::take({});
    CellPool::give(c);
  }).join();
  CHECK(cells_of_a_new_thread().count(c) == 1);
}
TEST_CASE("cell: a thread that only gives back leaves the cells to the others", "[memory][cell]") {
  Cell* c = CellPool::take({});
  std::thread([&] { CellPool::give(c); }).join();
  CHECK(cells_of_a_new_thread().count(c) == 1);
}
