#include "tenon/kernel/gemm.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/effort.hpp"

namespace {
using tenon::Index;
using tenon::Matrix;
using tenon::Write;
using tenon::kernel::BlockShape;
using tenon::kernel::gemm;
using tenon::kernel::gemm_scratch_bytes;
using tenon::kernel::TileShape;

/// Numbers that differ from call to call, the same in each run.
struct Numbers {
  std::uint64_t state = 88172645463325252U;
  std::uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
  }
  Index below(Index n) { return static_cast<Index>(next() >> 11) % n; }
  /// In [-1, 1], or an integer in [-4, 4]: sums of their products are exact in a float while k < 2^20.
  template <class T> T value(bool integer) {
    if (integer || std::is_integral_v<T>) return static_cast<T>(below(9) - 4);
    return static_cast<T>(static_cast<double>(next() >> 11) / 4503599627370496.0 - 1.0);
  }
};

enum class Layout { row_major, column_major, padded_rows, padded_columns, every_second, scattered };
constexpr Layout layouts[] = {Layout::row_major,      Layout::column_major, Layout::padded_rows,
                              Layout::padded_columns, Layout::every_second, Layout::scattered};

/// A matrix in a block of exactly its own reach, so that the address sanitizer sees every step outside; what lies
/// between the elements is NaN, or the canary -77 for integers, and must survive.
template <class T> struct Held {
  std::unique_ptr<T[]> memory;
  Matrix<T> m;
  Index reach = 0;

  static T canary() { return std::is_integral_v<T> ? static_cast<T>(-77) : std::numeric_limits<T>::quiet_NaN(); }
  Held(Index rows, Index columns, Layout layout) {
    Index r = columns, c = 1;
    if (layout == Layout::column_major) r = 1, c = rows;
    if (layout == Layout::padded_rows) r = columns + 3;
    if (layout == Layout::padded_columns) r = 1, c = rows + 5;
    if (layout == Layout::every_second) r = 2 * columns, c = 2;
    if (layout == Layout::scattered) r = 3, c = 3 * rows + 1;
    reach = rows > 0 && columns > 0 ? (rows - 1) * r + (columns - 1) * c + 1 : 0;
    memory = std::make_unique<T[]>(static_cast<std::size_t>(reach));
    for (Index i = 0; i < reach; ++i) memory[static_cast<std::size_t>(i)] = canary();
    m = {memory.get(), {rows, columns}, {r, c}};
  }
  void fill(Numbers& numbers, bool integer) {
    for (Index i = 0; i < m.extent[0]; ++i)
      for (Index j = 0; j < m.extent[1]; ++j) m(i, j) = numbers.value<T>(integer);
  }
  bool canaries_live() const {
    std::vector<bool> used(static_cast<std::size_t>(reach));
    for (Index i = 0; i < m.extent[0]; ++i)
      for (Index j = 0; j < m.extent[1]; ++j) used[static_cast<std::size_t>(i * m.stride[0] + j * m.stride[1])] = true;
    for (std::size_t i = 0; i < used.size(); ++i) {
      const T x = memory[i];
      if (!used[i] && (std::is_integral_v<T> ? x != canary() : x == x)) return false;
    }
    return true;
  }
};

/// Scratch of exactly the promised size, full of NaN, with canaries before and behind.
struct HeldScratch {
  Index bytes;
  std::vector<unsigned char> memory;
  std::byte* start = nullptr;
  explicit HeldScratch(Index n) : bytes(n), memory(static_cast<std::size_t>(n) + 192, 0xff) {
    auto at = reinterpret_cast<std::uintptr_t>(memory.data());
    start = reinterpret_cast<std::byte*>((at + 127) / 64 * 64);
  }
  bool canaries_live() const {
    const auto* first = reinterpret_cast<const unsigned char*>(start);
    for (const unsigned char* p = memory.data(); p < memory.data() + memory.size(); ++p)
      if ((p < first || p >= first + bytes) && *p != 0xff) return false;
    return true;
  }
};

/// c0 + a b as in a wider type, and the error bound (k + 2) eps (|a||b| + |c0|). What a sum of doubles loses is added to it:
/// where long double is computed in software it would take minutes.
template <class T> struct Truth {
  using Wide =
      std::conditional_t<sizeof(T) == 4 || (std::numeric_limits<long double>::digits > 64), double, long double>;
  std::vector<Wide> value, bound;  // zeros in the rows that judges() leaves out
  Truth(Matrix<const T> a, Matrix<const T> b, Matrix<const T> c0, Write mode) {
    const Index k = a.extent[1];
    const std::vector<T> rows = lines(a, 0), columns = lines(b, 1);
    value.resize(static_cast<std::size_t>(c0.extent[0] * c0.extent[1]));
    bound.resize(value.size());
    few = c0.extent[0] * c0.extent[1] * k > 1000000;
    for (Index i = 0; i < c0.extent[0]; ++i)
      for (Index j = 0; j < c0.extent[1] && judges(i); ++j) {
        Wide sum = mode == Write::add ? static_cast<Wide>(c0(i, j)) : Wide(0), size = std::fabs(sum), lost = 0;
        dot(rows.data() + i * k, columns.data() + j * k, k, sum, size, lost);
        const auto e = static_cast<std::size_t>(i * c0.extent[1] + j);
        value[e] = sum + lost;
        bound[e] = static_cast<Wide>(k + 2) * size * static_cast<Wide>(std::numeric_limits<T>::epsilon());
      }
  }
  /// Whether row i is computed: all are, where that does not take minutes.
  bool judges(Index i) const { return !few || i % tests::effort(1, 11) == 0; }

 private:
  bool few = false;
  /// The lines of m along the other axis, one after another.
  static std::vector<T> lines(Matrix<const T> m, int axis) {
    std::vector<T> to;
    for (Index i = 0; i < m.extent[axis]; ++i)
      for (Index j = 0; j < m.extent[1 - axis]; ++j) to.push_back(axis == 0 ? m(i, j) : m(j, i));
    return to;
  }
  // The sanitizer looks for faults in gemm, not in here, where most of the time of this test would go.
  [[gnu::no_sanitize_address]] static void dot(const T* x, const T* y, Index k, Wide& sum, Wide& size, Wide& lost) {
    Wide s = sum, n = size, l = lost;
    for (Index p = 0; p < k; ++p) {
      const Wide z = static_cast<Wide>(x[p]) * static_cast<Wide>(y[p]), before = s;
      if constexpr (std::is_same_v<T, Wide>) l += __builtin_fma(x[p], y[p], -z);
      s += z;
      l += (before - (s - (s - before))) + (z - (s - before));
      n += z < 0 ? -z : z;
    }
    sum = s, size = n, lost = l;
  }
};

struct Case {
  Index m, n, k;
  Layout a = Layout::row_major, b = Layout::row_major, c = Layout::row_major;
  Write mode = Write::store;
  bool integer = false;
};

/// Runs the product with an epilogue that counts its visits and doubles the block, and judges everything.
template <class T> bool right(const Case& s, Numbers& numbers) {
  Held<T> a(s.m, s.k, s.a), b(s.k, s.n, s.b), c(s.m, s.n, s.c);
  a.fill(numbers, s.integer);
  b.fill(numbers, s.integer);
  if (s.mode == Write::add) c.fill(numbers, s.integer);
  const Truth<T> truth(a.m, b.m, c.m, s.mode);
  HeldScratch scratch(gemm_scratch_bytes<T>(s.m, s.n, s.k));
  std::vector<int> visits(static_cast<std::size_t>(s.m * s.n));
  bool inside = true;
  gemm<T>(a.m, b.m, c.m, s.mode, scratch.start, [&](Index i, Index j, Index rows, Index columns) {
    inside = inside && i >= 0 && j >= 0 && rows > 0 && columns > 0 && i + rows <= s.m && j + columns <= s.n;
    for (Index r = i; r < i + rows; ++r)
      for (Index q = j; q < j + columns; ++q) {
        ++visits[static_cast<std::size_t>(r * s.n + q)];
        c.m(r, q) = static_cast<T>(c.m(r, q) + c.m(r, q));
      }
  });
  bool good = inside && a.canaries_live() && b.canaries_live() && c.canaries_live() && scratch.canaries_live();
  for (Index i = 0; i < s.m; ++i)
    for (Index j = 0; j < s.n; ++j) {
      const auto e = static_cast<std::size_t>(i * s.n + j);
      using Wide = typename Truth<T>::Wide;
      const Wide error = std::fabs(static_cast<Wide>(c.m(i, j)) / 2 - truth.value[e]);
      good = good && visits[e] == 1;
      if (truth.judges(i)) good = good && error <= (s.integer ? Wide(0) : truth.bound[e]);  // NaN fails
    }
  return good;
}

/// Names the case that failed; one assertion for each would take minutes.
template <class T> void check(const Case& s, Numbers& numbers) {
  if (right<T>(s, numbers)) return;
  CAPTURE(s.m, s.n, s.k, static_cast<int>(s.a), static_cast<int>(s.b), static_cast<int>(s.c), s.integer);
  CAPTURE(s.mode == Write::add);
  FAIL_CHECK("wrong product, epilogue or canary");
}
}  // namespace

TEMPLATE_TEST_CASE("gemm: small sizes are exact on integers", "[kernel][gemm]", float, double) {
  Numbers numbers;
  const Index next = tests::effort(1, 3);
  for (Index m = 0; m <= 40; m += m < 6 ? 1 : next)
    for (Index n = 0; n <= 40; n += n < 6 ? 1 : next)
      for (Index k : {0, 1, 2, 3, 5, 17, 40}) {
        const Write mode = (m + n + k) % 2 == 0 ? Write::store : Write::add;
        check<TestType>({m, n, k, {}, {}, {}, mode, true}, numbers);
        check<TestType>(
            {m, n, k, layouts[numbers.below(6)], layouts[numbers.below(6)], layouts[numbers.below(6)], mode, true},
            numbers);
      }
  SUCCEED();
}

TEMPLATE_TEST_CASE("gemm: every layout, store and add, on both sides of each tile edge", "[kernel][gemm]", float,
                   double, std::int32_t) {
  Numbers numbers;
  using S = TileShape<std::conditional_t<std::is_integral_v<TestType>, float, TestType>>;
  for (Layout a : layouts)
    for (Layout b : layouts)
      for (Layout c : layouts)
        for (Write mode : {Write::store, Write::add})
          for (auto [m, n, k] : {std::array<Index, 3>{S::rows + 1, S::columns - 1, 9},
                                 {2 * S::rows + 7, S::columns + S::lanes, 5},
                                 {3, S::columns + 1, 40},
                                 {1, 2 * S::columns + 3, 21},
                                 {70, 1, 67},
                                 {9, 37, 1},
                                 {1, 1, 33}})
            check<TestType>({m, n, k, a, b, c, mode, false}, numbers);
  SUCCEED();
}

TEMPLATE_TEST_CASE("gemm: sizes that cross the blocks of k and of columns", "[kernel][gemm]", float, double) {
  Numbers numbers;
  const Index k = BlockShape<TestType>::k, n = BlockShape<TestType>::most_columns;
  for (auto [mode, integer] : {std::pair{Write::store, true}, {Write::add, false}}) {
    for (Index depth : {k - 1, k, k + 1, 2 * k + 3}) {
      check<TestType>({29, 70, depth, Layout::row_major, Layout::row_major, Layout::row_major, mode, integer}, numbers);
      check<TestType>({61, 150, depth, Layout::padded_rows, Layout::column_major, Layout::row_major, mode, integer},
                      numbers);
      check<TestType>({61, 150, depth, Layout::column_major, Layout::padded_rows, Layout::column_major, mode, integer},
                      numbers);
      check<TestType>({9, 150, depth, Layout::scattered, Layout::scattered, Layout::scattered, mode, integer}, numbers);
    }
    // Wide enough strides that a, b or both are packed, and nothing else.
    for (auto [a, b] : {std::array<Layout, 2>{Layout::row_major, Layout::row_major},
                        {Layout::column_major, Layout::row_major},
                        {Layout::column_major, Layout::column_major},
                        {Layout::scattered, Layout::scattered}}) {
      check<TestType>({290, 96, k + 9, a, b, Layout::row_major, mode, integer}, numbers);
      check<TestType>({1030, 70, 130, a, b, Layout::every_second, mode, integer}, numbers);
      if (b == Layout::row_major) check<TestType>({200, 1030, 262, a, b, Layout::row_major, mode, integer}, numbers);
    }
    // Few rows beside a transposed b: computed as the transpose, which copies less.
    for (Index depth : {Index{70}, k + 9})
      check<TestType>({13, 200, depth, Layout::row_major, Layout::column_major, Layout::row_major, mode, integer},
                      numbers);
    for (Index width : {n - 1, n, n + 1, 2 * n + 7}) {
      check<TestType>({30, width, 10, Layout::row_major, Layout::row_major, Layout::row_major, mode, integer}, numbers);
      check<TestType>({13, width, k + 9, Layout::row_major, Layout::column_major, Layout::every_second, mode, integer},
                      numbers);
      check<TestType>({width, 5, 12, Layout::column_major, Layout::row_major, Layout::column_major, mode, integer},
                      numbers);
      check<TestType>({30, width, 130, Layout::row_major, Layout::row_major, Layout::padded_rows, mode, integer},
                      numbers);
    }
  }
  SUCCEED();
}

TEMPLATE_TEST_CASE("gemm: long vectors and columns times rows", "[kernel][gemm]", float, double) {
  Numbers numbers;
  for (Layout layout : layouts)
    for (Write mode : {Write::store, Write::add})
      for (auto [m, n, k] : {std::array<Index, 3>{1, 2500, 37},
                             {2500, 1, 37},
                             {1, 37, 5000},
                             {37, 1, 5000},
                             {1, 1, 4100},
                             {40, 2100, 1},
                             {4100, 3, 1}}) {
        check<TestType>({m, n, k, layout, layout, Layout::row_major, mode, false}, numbers);
        check<TestType>({m, n, k, layout, layout, Layout::every_second, mode, true}, numbers);
        check<TestType>({m, n, k, Layout::row_major, layout, Layout::column_major, mode, true}, numbers);
      }
  SUCCEED();
}

TEMPLATE_TEST_CASE("gemm: parts of a product have the bits of the whole", "[kernel][gemm]", float, double) {
  Numbers numbers;
  const Index k = GENERATE(1, 3, 70, 500), height = GENERATE(2, 19, 75), width = GENERATE(2, 41);
  const bool transpose_a = GENERATE(false, true), transpose_b = GENERATE(false, true);
  const Write mode = GENERATE(Write::store, Write::add);
  const Index m = 150, n = 70;
  Held<TestType> a(m, k, transpose_a ? Layout::column_major : Layout::row_major);
  Held<TestType> b(k, n, transpose_b ? Layout::column_major : Layout::row_major);
  Held<TestType> whole(m, n, Layout::row_major), parts(m, n, Layout::row_major);
  a.fill(numbers, false);
  b.fill(numbers, false);
  whole.fill(numbers, false);
  std::memcpy(parts.memory.get(), whole.memory.get(), static_cast<std::size_t>(whole.reach) * sizeof(TestType));
  HeldScratch scratch(gemm_scratch_bytes<TestType>(m, n, k));
  gemm(a.m, b.m, whole.m, mode, scratch.start);
  for (Index i = 0, rows = 0; i < m; i += rows)
    for (Index j = 0, columns = 0; j < n; j += columns) {
      rows = m - i < 2 * height ? m - i : height;
      columns = n - j < 2 * width ? n - j : width;
      const Matrix<const TestType> rows_of_a{&a.m(i, 0), {rows, k}, a.m.stride};
      const Matrix<const TestType> columns_of_b{&b.m(0, j), {k, columns}, b.m.stride};
      gemm(rows_of_a, columns_of_b, Matrix<TestType>{&parts.m(i, j), {rows, columns}, parts.m.stride}, mode,
           scratch.start);
    }
  CHECK(std::memcmp(whole.memory.get(), parts.memory.get(), static_cast<std::size_t>(whole.reach) * sizeof(TestType)) ==
        0);
}

TEMPLATE_TEST_CASE("gemm: parts of a matrix times a vector have the bits of the whole", "[kernel][gemm]", float,
                   double) {
  Numbers numbers;
  const Index k = GENERATE(1, 7, 70, 2600), height = GENERATE(1, 2, 37), m = 150;
  Held<TestType> a(m, k, GENERATE(Layout::row_major, Layout::column_major, Layout::scattered));
  Held<TestType> x(k, 1, Layout::row_major), whole(m, 1, Layout::row_major), parts(m, 1, Layout::row_major);
  a.fill(numbers, false);
  x.fill(numbers, false);
  gemm(a.m, x.m, whole.m, Write::store, nullptr);
  for (Index i = 0, rows = 0; i < m; i += rows) {
    rows = m - i < height ? m - i : height;
    gemm(Matrix<const TestType>{&a.m(i, 0), {rows, k}, a.m.stride}, x.m,
         Matrix<TestType>{&parts.m(i, 0), {rows, 1}, parts.m.stride}, Write::store, nullptr);
  }
  CHECK(std::memcmp(whole.memory.get(), parts.memory.get(), static_cast<std::size_t>(m) * sizeof(TestType)) == 0);
}

TEST_CASE("gemm: the epilogue gets whole rows of 8 to 64 KiB, or long pieces", "[kernel][gemm]") {
  for (auto [m, n] : {std::array<Index, 2>{500, 64}, {300, 1000}, {100, 5000}}) {
    Held<float> a(m, 8, Layout::row_major), b(8, n, Layout::row_major), c(m, n, Layout::row_major);
    Numbers numbers;
    a.fill(numbers, true);
    b.fill(numbers, true);
    HeldScratch scratch(gemm_scratch_bytes<float>(m, n, 8));
    const Index widest = BlockShape<float>::columns(n, 8);
    Index calls = 0, large = 0;
    gemm(a.m, b.m, c.m, Write::store, scratch.start, [&, n = n](Index, Index, Index rows, Index columns) {
      ++calls;
      large += rows * columns * 4 > 65536;
      CHECK((columns == n || columns == widest || columns == n % widest));
    });
    CHECK(large == 0);
    CHECK(calls <= 2 + m * n * 4 / 8192);
  }
}

TEST_CASE("gemm: scratch stays small and small products of vectors need none", "[kernel][gemm]") {
  CHECK(gemm_scratch_bytes<float>(1, 1000, 1000) == 0);
  CHECK(gemm_scratch_bytes<float>(1000, 1, 1000) == 0);
  CHECK(gemm_scratch_bytes<float>(0, 5, 5) == 0);
  CHECK(gemm_scratch_bytes<std::int32_t>(50, 50, 50) == 0);
  CHECK(gemm_scratch_bytes<float>(100000, 100000, 100000) <= 4 << 20);
  CHECK(gemm_scratch_bytes<double>(100000, 100000, 100000) <= 4 << 20);
}

TEST_CASE("gemm: scratch for a product is enough for the parts it is cut into", "[kernel][gemm]") {
  // At widths just beyond a block of columns the blocks of the whole are narrower than those of its parts.
  const Index widest = BlockShape<float>::most_columns;
  Numbers numbers;
  check<float>({widest + 1, widest, 20, Layout::row_major, Layout::column_major, Layout::row_major}, numbers);
  check<float>({widest, widest + 1, 20, Layout::row_major, Layout::column_major, Layout::column_major}, numbers);
  for (Index n = 2; n < 3 * widest; n += 7)
    for (Index k : {1, 40, 300, 513, 1100})
      CHECK(gemm_scratch_bytes<float>(n, n, k) <= gemm_scratch_bytes<float>(n + 7, n, k));
  SUCCEED();
}

TEST_CASE("gemm: infinities and NaN reach only their own row and column", "[kernel][gemm]") {
  Held<float> a(13, 20, Layout::row_major), b(20, 35, Layout::row_major), c(13, 35, Layout::row_major);
  Numbers numbers;
  a.fill(numbers, true);
  b.fill(numbers, true);
  a.m(12, 3) = std::numeric_limits<float>::quiet_NaN();
  b.m(7, 34) = std::numeric_limits<float>::quiet_NaN();
  HeldScratch scratch(gemm_scratch_bytes<float>(13, 35, 20));
  gemm(a.m, b.m, c.m, Write::store, scratch.start);
  for (Index i = 0; i < 13; ++i)
    for (Index j = 0; j < 35; ++j) CHECK(std::isnan(c.m(i, j)) == (i == 12 || j == 34));
}
