// Transposed copies against the definition.
#include "tenon/kernel/transpose.hpp"

#include <vector>

#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

TEMPLATE_TEST_CASE("transpose: every element at its place, nothing else written", "[kernel][transpose]", std::uint32_t,
                   std::uint64_t) {
  using W = TestType;
  auto u = [](Index i) { return static_cast<std::size_t>(i); };
  for (const Index rows : {1, 4, 7, 8, 17, 40, 300})
    for (const Index columns : {1, 3, 8, 9, 64, 71, 200}) {
      const Index from_stride = rows + 3, to_stride = columns + 2;
      std::vector<W> from(u(columns * from_stride)), to(u(rows * to_stride), W(7));
      for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<W>(i + 1000);
      tn::kernel::transpose(rows, columns, from.data(), from_stride, to.data(), to_stride);
      bool good = true;
      for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < to_stride; ++j)
          good = good && to[u(i * to_stride + j)] == (j < columns ? from[u(j * from_stride + i)] : W(7));
      INFO(rows << " x " << columns);
      CHECK(good);
    }
}

TEST_CASE("transpose: a large result on cache lines, by several threads", "[kernel][transpose][threads]") {
  const Index rows = 2050, columns = 2064, from_stride = rows + 1;
  std::vector<std::uint32_t> from(static_cast<std::size_t>(columns * from_stride));
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::uint32_t>(i) * 2654435761u;
  std::vector<std::uint32_t> memory(static_cast<std::size_t>(rows * columns + 32), 7u);
  std::uint32_t* to = memory.data();
  while (reinterpret_cast<std::uintptr_t>(to) % 64 != 0) ++to;
  REQUIRE(rows * columns * 4 >= tn::kernel::streamed_bytes);
  tn::kernel::transpose(rows, columns, from.data(), from_stride, to, columns);
  Index wrong = 0;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j)
      wrong += to[i * columns + j] != static_cast<std::uint32_t>(j * from_stride + i) * 2654435761u;
  CHECK(wrong == 0);
  CHECK(to[rows * columns] == 7u);
}
