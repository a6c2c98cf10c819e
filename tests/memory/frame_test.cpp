// Frames: strictly nested, on two stacks in turn; a model of random nesting finds no overwritten byte.
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include "tenon/base/random.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"
#include "tests/memory/open_frame.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::OpenFrame, tenon_test::says;
using tn::Arena, tn::Index;

TEST_CASE("frame: the innermost may put results into its parent at once", "[memory][frame]") {
  Arena arena;
  OpenFrame outer(arena);
  auto* before = static_cast<int*>(outer.allocate(sizeof(int)));
  *before = 1;
  int* promoted = nullptr;
  {
    OpenFrame inner(arena);
    auto* own = static_cast<int*>(inner.allocate(sizeof(int)));
    *own = 41;
    promoted = static_cast<int*>(outer.allocate(sizeof(int)));
    *promoted = *own + *before;
    auto* more = static_cast<int*>(inner.allocate(sizeof(int)));
    *more = 7;
    CHECK(*own == 41);
  }
  CHECK(*promoted == 42);
  CHECK(*before == 1);
}
TEST_CASE("frame: its handles die with it, not with its children", "[memory][frame]") {
  Arena arena;
  tn::memory::Stamp a, b;
  {
    OpenFrame outer(arena);
    a = outer.stamp();
    CHECK(arena.top() == &outer);
    {
      OpenFrame inner(arena);
      b = inner.stamp();
      CHECK(arena.top() == &inner);
      CHECK(inner.parent() == &outer);
      CHECK(&inner.arena() == &arena);
      CHECK(a.alive());
    }
    CHECK(!b.alive());
    CHECK(a.alive());
    CHECK(arena.top() == &outer);
  }
  CHECK(!a.alive());
}
TEST_CASE("frame: an exception ends the frames it passes", "[memory][frame]") {
  Arena arena;
  tn::memory::Stamp s;
  try {
    OpenFrame outer(arena);
    OpenFrame inner(arena);
    s = inner.stamp();
    inner.allocate(1000);
    throw 1;
  } catch (int) {
  }
  CHECK(!s.alive());
  CHECK(arena.top() == nullptr);
  CHECK(arena.statistics().live == 0);
  OpenFrame again(arena);
  CHECK(again.allocate(10) != nullptr);
}
TEST_CASE("frame: ending before a frame opened inside it stops the program", "[memory][frame]") {
  const std::string words = tenon_test::last_words([] {
    Arena arena;
    std::optional<OpenFrame> outer, inner;
    outer.emplace(arena);
    inner.emplace(arena);
    outer.reset();
  });
  CHECK(says(words, "tenon::Frame: a Step or Scope ended before one opened inside it; keep them on the stack"));
}
TEST_CASE("frame: only the thread of the open frames may open another", "[memory][frame]") {
  Arena arena;
  std::string inside, alone;
  {
    OpenFrame outer(arena);
    std::thread([&] { inside = error_of<tn::OwnershipError>([&] { OpenFrame f(arena); }); }).join();
    CHECK(arena.top() == &outer);
  }
  std::thread([&] { alone = error_of<tn::OwnershipError>([&] { OpenFrame f(arena); }); }).join();
  CHECK(says(inside, "used on a thread that does not own it"));
  CHECK(alone.empty());
}

namespace {

/// Opens frames in frames, allocates in the innermost and in its parent, and reads everything back at each brace.
class Model {
 public:
  explicit Model(std::uint64_t seed) : rng_(seed) {}
  void run(int depth) { open(depth, nullptr, nullptr); }
  tn::Statistics statistics() const { return arena_.statistics(); }

 private:
  struct Block {
    unsigned char* p;
    Index n;
    unsigned char mark;
  };
  using Blocks = std::vector<Block>;
  void allocate(OpenFrame& f, Blocks& blocks) {
    const Index kinds[] = {rng_.below(64), rng_.below(2000), rng_.below(100000)};
    const Index n = kinds[rng_.below(3)];
    Block b{static_cast<unsigned char*>(f.allocate(n)), n, mark_++};
    std::memset(b.p, b.mark, static_cast<std::size_t>(n));
    blocks.push_back(b);
  }
  void check(const Blocks& blocks) {
    for (const Block& b : blocks)
      for (Index i = 0; i < b.n; ++i)
        if (b.p[i] != b.mark) FAIL("a block of " << b.n << " bytes was overwritten");
  }
  void open(int depth, OpenFrame* parent, Blocks* parents) {
    OpenFrame f(arena_);
    Blocks blocks;
    const Index live = arena_.statistics().live;
    for (Index turns = rng_.below(6); turns >= 0; --turns) {
      if (rng_.below(3) > 0 || depth == 0) allocate(f, blocks);
      else open(depth - 1, &f, &blocks);
      if (parent != nullptr && rng_.below(3) == 0) allocate(*parent, *parents);
    }
    check(blocks);
    if (parents != nullptr) check(*parents);
    CHECK(arena_.statistics().live >= live);
  }

  Arena arena_;
  tn::Rng rng_;
  unsigned char mark_ = 0;
};

}  // namespace

TEST_CASE("frame: random nesting overwrites nothing and gives everything back", "[memory][frame]") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Model model(seed);
    for (int k = 0; k < 4; ++k) {
      model.run(5);
      CHECK(model.statistics().live == 0);
      CHECK(model.statistics().chunks <= 2);  // one a stack
    }
  }
}
