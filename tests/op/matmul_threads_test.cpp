#include <cstring>
#include <vector>

#include "tenon/base/random.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"
#include "tests/effort.hpp"

namespace tn = tenon;

namespace {
tn::Tensor<float, tn::dyn, tn::dyn> normal(tn::Rng& rng, tn::Index m, tn::Index n) {
  tn::Tensor<float, tn::dyn, tn::dyn> t({m, n});
  rng.fill_normal(t.mut().data(), m * n);
  return t;
}
void use_threads([[maybe_unused]] int n) {
#if defined(_OPENMP)
  omp_set_num_threads(n);
#endif
}
}  // namespace

TEST_CASE("matmul: the same bits on 1, 2, 3, 8 and 20 threads, epilogue included", "[op][matmul][threads]") {
  struct Size {
    tn::Index m, n, k;
  };
  tn::Rng rng(7);
  for (const Size s : {Size{128, 300, 260}, Size{35, 700, 300}, Size{700, 33, 300}, Size{1, 900, 3000},
                       Size{17, 16, 140000}}) {  // the last: fewer rows than threads
    const auto a = normal(rng, s.m, s.k), b = normal(rng, s.k, s.n), bias = normal(rng, 1, s.n);
    use_threads(1);
    tn::Tensor want = relu(matmul(a, b) + bias);
    for (const int threads : {2, 3, 8, 20}) {
      if (tests::slow && threads != 3 && threads != 20) continue;
      use_threads(threads);
      tn::Tensor got = relu(matmul(a, b) + bias);
      CHECK(std::memcmp(got.data(), want.data(), static_cast<std::size_t>(want.size()) * sizeof(float)) == 0);
    }
    // Not only equal to each other: a plain loop in double at a few places.
    for (tn::Index i = 0; i < s.m; i += 1 + s.m / 5)
      for (tn::Index j = 0; j < s.n; j += 1 + s.n / 7) {
        double z = static_cast<double>(bias(0, j));
        for (tn::Index k = 0; k < s.k; ++k) z += static_cast<double>(a(i, k)) * static_cast<double>(b(k, j));
        CHECK(static_cast<double>(want(i, j)) == Approx(z > 0 ? z : 0).margin(1e-3));
      }
  }
  use_threads(2);
}

TEST_CASE("elementwise loops and sums: the same bits on 1, 2, 3 and 8 threads", "[op][threads]") {
  tn::Rng rng(8);
  const auto x = normal(rng, 700, 301), y = normal(rng, 700, 301);
  use_threads(1);
  tn::Tensor want = relu(x + y);
  const float total = sum(x + y);
  for (const int threads : {2, 3, 8}) {
    use_threads(threads);
    tn::Tensor got = relu(x + y);
    CHECK(std::memcmp(got.data(), want.data(), static_cast<std::size_t>(want.size()) * sizeof(float)) == 0);
    CHECK(sum(x + y).item() == total);
  }
  use_threads(2);
}
