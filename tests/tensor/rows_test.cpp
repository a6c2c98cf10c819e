// Walking rows of any strides: what a loop sees is the same as without gaps.
#include "tenon/tensor/rows.hpp"

#include <vector>

#include "tests/catch.hpp"

namespace rows = tenon::rows;
using tenon::Index;

namespace {

template <std::size_t Bytes> struct Item { unsigned char bytes[Bytes]; };
/// p = from, to: copies.
template <class T> void copy_loop(Index n, void* const* p, const void*) {
  for (Index i = 0; i < n; ++i) static_cast<T*>(p[1])[i] = static_cast<const T*>(p[0])[i];
}
/// Every second item of `from`, through the row caller's buffer.
template <class T> void check_every_second() {
  constexpr Index n = 23;
  std::vector<T> from(2 * n), to(n);
  for (std::size_t i = 0; i < from.size(); ++i)
    for (auto& b : from[i].bytes) b = static_cast<unsigned char>(i);
  rows::Stream s[2];
  s[0] = {reinterpret_cast<std::byte*>(from.data()), sizeof(T), false, false, nullptr, -1, {2}};
  s[1] = {reinterpret_cast<std::byte*>(to.data()), sizeof(T), false, true, nullptr, -1, {1}};
  const Index extent[] = {n};
  rows::run(&copy_loop<T>, 1, extent, s, 2, nullptr, 0);
  for (std::size_t i = 0; i < to.size(); ++i)
    for (const auto b : to[i].bytes) CHECK(b == 2 * i);
}

}  // namespace

TEST_CASE("rows: items of any size pass through the buffer", "[tensor][rows]") {
  check_every_second<Item<4>>();
  check_every_second<Item<600>>();
  check_every_second<Item<4096>>();
}
