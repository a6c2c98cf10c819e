// Size classes, and blocks that a thread keeps for its next storage. Counts operator new for this program.
#include "tenon/memory/recycle.hpp"

#include <thread>
#include <vector>

#include "tenon/memory/storage.hpp"
#include "tests/catch.hpp"
#include "tests/counting_new.hpp"

namespace tn = tenon;
using namespace tenon::memory;
using tenon_test::new_calls;

TEST_CASE("recycle: a class holds its bytes and wastes at most a quarter", "[memory][recycle]") {
  unsigned before = 0;
  for (std::size_t bytes = 1; bytes <= largest_kept; bytes += bytes < 70000 ? 1 : 61) {
    const unsigned c = size_class_of(bytes);
    const std::size_t size = size_of_class(c);
    const bool fits = c > 0 && c < size_classes && size >= bytes && size % 64 == 0 &&
                      (bytes <= 64 || 4 * (size - bytes) <= size + 4 * 63) && c >= before;
    if (!fits) FAIL("bytes " << bytes << " class " << c << " size " << size);
    before = c;
  }
  for (unsigned c = 1; c + 1 < size_classes; ++c) CHECK(size_class_of(size_of_class(c)) == c);
  CHECK(size_class_of(largest_kept) == size_classes - 1);
  CHECK(size_class_of(largest_kept + 1) == 0);
  CHECK(size_class_of(0) == 1);
}
TEST_CASE("recycle: the next storage of the class takes the block, without the system", "[memory][recycle]") {
  if (TENON_ASAN) return;  // there each block must end
  for (const tn::Index n : {1, 64, 1000, 5000, 262144, 1000000, 4194304}) {
    void* p = Storage(n).bytes();
    const long before = new_calls;
    const Storage again(n);
    CHECK(again.bytes() == p);
    const Storage second(n);
    CHECK(second.bytes() != p);
    CHECK(new_calls - before <= 1);
  }
}
TEST_CASE("recycle: a thread keeps at most 16 MiB", "[memory][recycle]") {
  if (TENON_ASAN) return;
  std::thread([] {
    constexpr tn::Index block = 1 << 20, many = 40;
    {
      std::vector<Storage> all;
      for (tn::Index i = 0; i < many; ++i) all.emplace_back(block);
    }
    const long before = new_calls;
    std::vector<Storage> all;
    all.reserve(many);
    for (tn::Index i = 0; i < many; ++i) all.emplace_back(block);
    CHECK(new_calls - before == many - (tn::Index{16} << 20) / block + 1);  // the 1 is the vector's
  }).join();
}
TEST_CASE("recycle: what is larger than the classes goes back at once", "[memory][recycle]") {
  constexpr auto larger = static_cast<tn::Index>(largest_kept) + 1;
  (void)Storage(larger);
  const long before = new_calls;
  (void)Storage(larger);
  CHECK(new_calls - before == 1);
}
TEST_CASE("recycle: large pages are asked for inside the block only", "[memory][recycle]") {
  constexpr tn::Index n = 9 * 1024 * 1024 + 4096;
  const Storage s(n);
  auto* bytes = static_cast<unsigned char*>(s.bytes());
  for (tn::Index i = 0; i < n; i += 4095) bytes[i] = static_cast<unsigned char>(i);
  bool same = true;
  for (tn::Index i = 0; i < n; i += 4095) same = same && bytes[i] == static_cast<unsigned char>(i);
  CHECK(same);
  prefer_large_pages(nullptr, 1 << 30);  // nothing to advise on
}
TEST_CASE("recycle: blocks may be dropped on another thread than they were made on", "[memory][recycle]") {
  std::vector<Storage> made;
  std::thread([&] {
    for (int i = 0; i < 100; ++i) made.emplace_back(1000);
  }).join();
  std::thread([all = std::move(made)]() mutable { all.clear(); }).join();  // the leak checker has the last word
  const Storage works(1000);
  CHECK(works.bytes() != nullptr);
}
TEST_CASE("recycle: a storage may outlive its thread's lists", "[memory][recycle]") {
  std::thread([] {
    static thread_local Storage late;  // made before the lists' keeper, so destroyed after it
    late = Storage(2000);
    { Storage early(2000); }
  }).join();
}
