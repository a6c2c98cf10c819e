// kernel/gemm.hpp against the matrix products of every BLAS the build found: squares, the products of the networks that
// the examples train (forward x w, weight gradient x' dy, input gradient dy w'), batches of small ones; and, where calls
// cost as much as the work, Eigen's.
#include <memory>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/blas.hpp"
#include "benchmarks/peers/inputs.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/tensor/from_vector.hpp"
#if defined(TENON_BENCH_EIGEN)
#include <Eigen/Core>
#endif

namespace {

using bench::Product;
using tenon::Matrix;

/// Memory that starts at a cache line, as tenon's tensors do; every contender reads and writes such memory.
struct Floats {
  explicit Floats(std::size_t n) : size(n), data(static_cast<float*>(std::aligned_alloc(64, (n * 4 + 63) / 64 * 64))) {
    if (!data) throw std::bad_alloc();
    std::fill_n(data.get(), n, 0.0f);
  }
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::size_t size;
  std::unique_ptr<float, Free> data;
};

std::size_t count(int rows, int columns) { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns); }

/// `batch` products of one shape, one behind the other.
struct Data {
  explicit Data(const Product& p, int batches = 1)
      : product(p), batch(batches), a(count(p.m, p.k) * batches_of()), b(count(p.k, p.n) * batches_of()) {
    const auto fill = [](Floats& to, std::uint64_t seed) {
      const auto values = bench::uniform<float>(static_cast<long>(to.size), seed, -1, 1);
      std::copy(values.begin(), values.end(), to.data.get());
    };
    fill(a, 1), fill(b, 2);
  }
  std::size_t batches_of() const { return static_cast<std::size_t>(batch); }
  /// f(a, b, c) for each product.
  template <class F> void for_each(float* c, F f) const {
    const tenon::Index m = product.m, n = product.n, k = product.k;
    for (int i = 0; i < batch; ++i) f(a.data.get() + i * m * k, b.data.get() + i * k * n, c + i * m * n);
  }
  Product product;
  int batch;
  Floats a, b;
};

/// A contender's own result.
struct Result {
  explicit Result(const Data& data) : c(count(data.product.m, data.product.n) * data.batches_of()) {}
  Floats c;
  std::vector<double> values() const { return {c.data.get(), c.data.get() + c.size}; }
};

void add_tenon(bench::Contest& contest, const std::shared_ptr<Data>& data) {
  const Product p = data->product;
  const auto result = std::make_shared<Result>(*data);
  const tenon::Index scratch_bytes = tenon::kernel::gemm_scratch_bytes<float>(p.m, p.n, p.k);
  const auto scratch = std::make_shared<Floats>(static_cast<std::size_t>(scratch_bytes) / 4 + 16);
  contest.subject(
      [data, scratch, result, p] {
        data->for_each(result->c.data.get(), [&](const float* a, const float* b, float* c) {
          const auto ma = p.a_transposed ? transposed(tenon::matrix(a, p.k, p.m)) : tenon::matrix(a, p.m, p.k);
          const auto mb = p.b_transposed ? transposed(tenon::matrix(b, p.n, p.k)) : tenon::matrix(b, p.k, p.n);
          tenon::kernel::gemm<float>(ma, mb, tenon::matrix(c, p.m, p.n), tenon::Write::store,
                                     reinterpret_cast<std::byte*>(scratch->data.get()));
        });
      },
      [result] { return result->values(); });
}

#if defined(TENON_BENCH_EIGEN)
/// c = op(a) op(b) for Eigen's expressions.
void eigen_product(const Product& p, const auto& a, const auto& b, auto&& c) {
  if (p.a_transposed) c.noalias() = a.transpose() * b;
  else if (p.b_transposed) c.noalias() = a * b.transpose();
  else c.noalias() = a * b;
}
void add_eigen(bench::Contest& contest, const std::shared_ptr<Data>& data) {
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using In = Eigen::Map<const Rows, Eigen::Aligned64>;
  const auto result = std::make_shared<Result>(*data);
  const auto body = [data, result] {
    const Product& p = data->product;
    const In a(data->a.data.get(), p.a_transposed ? p.k : p.m, p.a_transposed ? p.m : p.k);
    const In b(data->b.data.get(), p.b_transposed ? p.n : p.k, p.b_transposed ? p.k : p.n);
    Eigen::Map<Rows, Eigen::Aligned64> c(result->c.data.get(), p.m, p.n);
    eigen_product(p, a, b, c);
  };
  contest.peer("Eigen", body, [result] { return result->values(); });
}
/// Extents in the types of Eigen's matrices, not transposed.
template <int M, int N, int K> void add_fixed_eigen(bench::Contest& contest, const std::shared_ptr<Data>& data) {
  const auto result = std::make_shared<Result>(*data);
  const auto body = [data, result] {
    constexpr int column = Eigen::ColMajor, row = Eigen::RowMajor;  // Eigen wants a column the one, a row the other
    const Eigen::Map<const Eigen::Matrix<float, M, K, K == 1 ? column : row>, Eigen::Aligned64> a(data->a.data.get());
    const Eigen::Map<const Eigen::Matrix<float, K, N, N == 1 ? column : row>, Eigen::Aligned64> b(data->b.data.get());
    Eigen::Map<Eigen::Matrix<float, M, N, N == 1 ? column : row>, Eigen::Aligned64> c(result->c.data.get());
    c.noalias() = a * b;
  };
  contest.peer("Eigen, fixed", body, [result] { return result->values(); });
}
#endif

void add_libraries(bench::Contest& contest, const std::shared_ptr<Data>& data) {
  for (const bench::Blas& blas : bench::blas_libraries()) {
    const auto result = std::make_shared<Result>(*data);
    contest.peer(
        blas.name(),
        [data, result, &blas] {
          data->for_each(result->c.data.get(),
                         [&](const float* a, const float* b, float* c) { blas(data->product, a, b, c); });
        },
        [result] { return result->values(); });
  }
}

std::string size_text(const Product& p) {
  const char* form = p.a_transposed ? " TN" : p.b_transposed ? " NT" : " NN";
  return std::to_string(p.m) + "x" + std::to_string(p.n) + "x" + std::to_string(p.k) + form;
}

struct Options {
  std::vector<bench::Goal> goals = {bench::at_least(1)};
  int batch = 1;
  bool eigen = false;
  std::string name = {};
};
void add_product(std::string group, const Product& p, Options o) {
  bench::add({.group = std::move(group),
              .name = o.name + (o.name.empty() ? "" : " ") + size_text(p),
              .work = {.flops = o.batch * p.flops(), .bytes = 4 * o.batch * p.elements()},
              .goals = o.goals,
              .prepare = [p, o](bench::Contest& contest) {
                const auto data = std::make_shared<Data>(p, o.batch);
                add_tenon(contest, data);
#if defined(TENON_BENCH_EIGEN)
                if (o.eigen) add_eigen(contest, data);
#endif
                add_libraries(contest, data);
              }});
}

/// matmul of tensors whose extents stand in their types.
template <int M, int N, int K> void add_static(double goal) {
  const Product p{M, N, K};
  const auto prepare = [p](bench::Contest& contest) {
    struct Tensors {
      tenon::Tensor<float, M, K> a = tenon::from_vector<M, K>(bench::uniform<float>(M * K, 1, -1, 1));
      tenon::Tensor<float, K, N> b = tenon::from_vector<K, N>(bench::uniform<float>(K * N, 2, -1, 1));
      tenon::Tensor<float, M, N> c;
    };
    const auto data = std::make_shared<Data>(p);
    const auto t = std::make_shared<Tensors>();
    contest.subject([t] { t->c.mut() = tenon::matmul(t->a, t->b); }, [t] { return bench::doubles(t->c); });
#if defined(TENON_BENCH_EIGEN)
    add_fixed_eigen<M, N, K>(contest, data);
#endif
    add_libraries(contest, data);
  };
  bench::add({.group = "gemm up to 32, static",
              .name = size_text(p),
              .work = {.flops = p.flops(), .bytes = 4 * p.elements()},
              .goals = {bench::at_least(goal)},
              .prepare = prepare});
}

/// The products of a dense layer in -> out at a batch; "forward NT" with the weight as (out, in).
void add_layer(const std::string& group, int batch, int in, int out, const Options& o) {
  const std::string layer = std::to_string(in) + "->" + std::to_string(out) + " ";
  const auto named = [&](const char* what) {
    Options own = o;
    own.name = layer + what;
    return own;
  };
  add_product(group, {batch, out, in}, named("forward"));
  add_product(group, {batch, out, in, false, true}, named("forward"));
  add_product(group, {in, out, batch, true, false}, named("dw"));
  add_product(group, {batch, in, out, false, true}, named("dx"));
}

/// Up to 32 there is room to beat every library, whose calls cost more than the work.
void add_small() {
  const Options o{.goals = {bench::at_least(1.5)}, .eigen = true};
  const std::string group = "gemm up to 32";
  for (const int n : {8, 16, 24, 32}) add_product(group, {n, n, n}, o);
  add_layer(group, 32, 4, 32, o);
  add_layer(group, 32, 32, 32, o);
  add_static<4, 4, 4>(2), add_static<8, 8, 8>(2), add_static<16, 16, 16>(2), add_static<24, 24, 24>(2);
  add_static<32, 32, 32>(2), add_static<32, 32, 4>(2), add_static<32, 4, 32>(2), add_static<4, 32, 32>(2);
  add_static<32, 1, 32>(2), add_static<3, 5, 7>(2);
}

/// From 64 on the libraries are near the limit, each somewhere else.
void add_large() {
  for (const int n : {64, 128, 256, 512, 1024}) {
    Options o;
    if (n == 512) o.goals.push_back(bench::of_limit(0.85));
    if (n == 1024) o.goals.push_back(bench::of_limit(0.88));
    add_product("gemm of squares", {n, n, n}, o);
  }
  for (const int n : {64, 128, 256, 512}) {
    add_product("gemm of squares", {n, n, n, false, true}, {});
    add_product("gemm of squares", {n, n, n, true, false}, {});
  }
  const std::string layers = "gemm of layers, m x n x k";
  add_layer(layers, 64, 784, 512, {});
  add_layer(layers, 64, 784, 256, {});
  add_layer(layers, 64, 256, 128, {});
  add_layer(layers, 64, 512, 10, {});
  add_layer(layers, 64, 128, 10, {});
  const std::string transformer = "gemm of transformers, m x n x k";
  add_layer(transformer, 1024, 256, 768, {});
  add_layer(transformer, 1024, 256, 1024, {});
  add_layer(transformer, 2048, 128, 384, {});
  const std::string batched = "gemm of batches";
  for (const Product& p : {Product{64, 64, 64}, {64, 64, 64, false, true}, {64, 64, 64, true, false}})
    add_product(batched, p, {.goals = {bench::at_least(1.1)}, .batch = 48, .name = "48 of"});
  add_product(batched, {128, 128, 128}, {.batch = 64, .name = "64 of"});
  add_product(batched, {128, 128, 32, false, true}, {.batch = 64, .name = "64 of"});
  add_product(batched, {128, 32, 128}, {.batch = 64, .name = "64 of"});
  bench::mean_goals().push_back({"gemm from 64 on", {"gemm of squares", layers, transformer, batched}, 1.05});
}

void add_vectors() {
  const Options o{.eigen = true};
  const std::string group = "gemv and outer products";
  add_layer(group, 1, 256, 128, o);
  add_layer(group, 1, 784, 256, o);
  add_layer(group, 1, 784, 512, o);
  add_layer(group, 1, 4096, 4096, o);
}

bool add_all() {
  add_small();
  add_large();
  add_vectors();
  return true;
}
const bool registered = add_all();

}  // namespace
