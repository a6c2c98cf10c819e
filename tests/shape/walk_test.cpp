#include "tenon/shape/walk.hpp"

#include <vector>

#include "tenon/shape/layout.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

TEST_CASE("for_each_offset: every index of the dimensions named, in row-major order", "[shape][walk]") {
  using Three = std::array<Index, 3>;
  for (const Three extent : {Three{2, 3, 4}, Three{1, 1, 1}, Three{3, 1, 2}, Three{2, 0, 2}})
    for (unsigned dims = 0; dims < 8; ++dims) {
      const Three a{12, 4, 1}, b{-1, 10, 0};
      std::vector<std::pair<Index, Index>> want, got;
      const auto last = [&](std::size_t d) { return (dims >> d) & 1u ? extent[d] : Index{1}; };
      for (Index i = 0; i < last(0); ++i)
        for (Index j = 0; j < last(1); ++j)
          for (Index k = 0; k < last(2); ++k)
            want.emplace_back(tn::offset(Three{i, j, k}, a), tn::offset(Three{i, j, k}, b));
      tn::for_each_offset(
          extent, dims, [&](Index x, Index y) { got.emplace_back(x, y); }, a, b);
      CHECK(got == want);
      CHECK(tn::count_of(extent, dims) == static_cast<Index>(want.size()));
    }
  CHECK(tn::all_dims(3) == 7);
}
