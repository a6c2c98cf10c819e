// Tail: the first n lanes and no others.
#include "tenon/simd/tail.hpp"

#include <vector>

#include "tests/catch.hpp"

using tenon::Index;
using tenon::simd::Batch;
using tenon::simd::Tail;

TEMPLATE_TEST_CASE("tail: loads n elements and zeros, stores n elements", "[simd][tail]", float, double) {
  using T = TestType;
  constexpr Index size = Batch<T>::size;
  const T canary = T(-77);
  for (Index n = 1; n <= size; ++n) {
    // Exactly n elements on the heap: the address sanitizer sees a read or write beyond them.
    std::vector<T> from;
    for (Index i = 0; i < n; ++i) from.push_back(static_cast<T>(i + 1));
    const auto tail = Tail<T>::first(n);
    const Batch<T> x = tail.load(from.data());
    for (Index i = 0; i < size; ++i) CHECK(x.get(i) == (i < n ? static_cast<T>(i + 1) : T(0)));
    std::vector<T> exactly(from.size());
    tail.store(exactly.data(), x);
    CHECK(exactly == from);
    std::vector<T> to(static_cast<std::size_t>(size) + 2, canary);
    tail.store(&to[1], Batch<T>(T(5)));
    for (Index i = 0; i < size + 2; ++i) CHECK(to[static_cast<std::size_t>(i)] == (i >= 1 && i <= n ? T(5) : canary));
  }
}
