// kernel/gemm.hpp against the matrix products of Eigen and of every BLAS the build found: squares, and the products of
// the networks that the examples train (forward x w, weight gradient x' dy, input gradient dy w').
#include <memory>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/blas.hpp"
#include "benchmarks/peers/inputs.hpp"
#include "tenon/kernel/gemm.hpp"
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

struct Data {
  explicit Data(const Product& p) : product(p), a(count(p.m, p.k)), b(count(p.k, p.n)) {
    const auto fill = [](Floats& to, std::uint64_t seed) {
      const auto values = bench::uniform<float>(static_cast<long>(to.size), seed, -1, 1);
      std::copy(values.begin(), values.end(), to.data.get());
    };
    fill(a, 1), fill(b, 2);
  }
  Product product;
  Floats a, b;
};

/// A contender's own result.
struct Result {
  explicit Result(const Product& p) : c(count(p.m, p.n)) {}
  Floats c;
  std::vector<double> values() const { return {c.data.get(), c.data.get() + c.size}; }
};

void add_tenon(bench::Contest& contest, const std::shared_ptr<Data>& data) {
  const Product p = data->product;
  const auto result = std::make_shared<Result>(p);
  const tenon::Index scratch_bytes = tenon::kernel::gemm_scratch_bytes<float>(p.m, p.n, p.k);
  const auto scratch = std::make_shared<Floats>(static_cast<std::size_t>(scratch_bytes) / 4 + 16);
  const float *a = data->a.data.get(), *b = data->b.data.get();
  const Matrix<const float> ma = p.a_transposed ? transposed(tenon::matrix(a, p.k, p.m)) : tenon::matrix(a, p.m, p.k);
  const Matrix<const float> mb = p.b_transposed ? transposed(tenon::matrix(b, p.n, p.k)) : tenon::matrix(b, p.k, p.n);
  const Matrix<float> mc = tenon::matrix(result->c.data.get(), p.m, p.n);
  contest.subject(
      [data, scratch, ma, mb, mc] {
        tenon::kernel::gemm<float>(ma, mb, mc, tenon::Write::store, reinterpret_cast<std::byte*>(scratch->data.get()));
      },
      [result] { return result->values(); });
}

#if defined(TENON_BENCH_EIGEN)
void add_eigen(bench::Contest& contest, const std::shared_ptr<Data>& data) {
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using In = Eigen::Map<const Rows, Eigen::Aligned64>;
  const auto result = std::make_shared<Result>(data->product);
  const auto body = [data, result] {
    const Product& p = data->product;
    const In a(data->a.data.get(), p.a_transposed ? p.k : p.m, p.a_transposed ? p.m : p.k);
    const In b(data->b.data.get(), p.b_transposed ? p.n : p.k, p.b_transposed ? p.k : p.n);
    Eigen::Map<Rows, Eigen::Aligned64> c(result->c.data.get(), p.m, p.n);
    if (p.a_transposed) c.noalias() = a.transpose() * b;
    else if (p.b_transposed) c.noalias() = a * b.transpose();
    else c.noalias() = a * b;
  };
  contest.peer("Eigen", body, [result] { return result->values(); });
}
#endif

void prepare(bench::Contest& contest, const Product& p) {
  const auto data = std::make_shared<Data>(p);
  add_tenon(contest, data);
#if defined(TENON_BENCH_EIGEN)
  add_eigen(contest, data);
#endif
  for (const bench::Blas& blas : bench::blas_libraries()) {
    const auto result = std::make_shared<Result>(p);
    contest.peer(
        blas.name(),
        [data, result, &blas] { blas(data->product, data->a.data.get(), data->b.data.get(), result->c.data.get()); },
        [result] { return result->values(); });
  }
}

void add_product(std::string group, std::string name, const Product& p, double goal) {
  bench::add({.group = std::move(group),
              .name = std::move(name),
              .work = {.flops = p.flops(), .bytes = 4 * p.elements()},
              .goals = {bench::at_least(goal)},
              .prepare = [p](bench::Contest& contest) { prepare(contest, p); }});
}

std::string size_text(const Product& p) {
  return std::to_string(p.m) + "x" + std::to_string(p.n) + "x" + std::to_string(p.k);
}

/// The three products of a dense layer in -> out at a batch.
void add_layer(const std::string& name, int batch, int in, int out, double goal) {
  const std::string group = "gemm of layers, m x n x k";
  const Product forward{batch, out, in}, weight{in, out, batch, true, false}, input{batch, in, out, false, true};
  add_product(group, name + " forward " + size_text(forward), forward, goal);
  add_product(group, name + " dw " + size_text(weight), weight, goal);
  add_product(group, name + " dx " + size_text(input), input, goal);
}

/// Goals: up to 32 there is room to beat every library, whose calls cost more than the work; from 64 on they are near
/// the limit, and none is the best everywhere.
bool add_all() {
  for (const int n : {8, 16, 32, 64, 128, 256, 512, 1024})
    add_product("gemm of squares", std::to_string(n), {n, n, n}, n <= 32 ? 1.5 : 1.0);
  add_layer("4->32", 32, 4, 32, 1.5);
  add_layer("32->32", 32, 32, 32, 1.5);
  add_layer("784->512", 64, 784, 512, 1.0);
  add_layer("784->256", 64, 784, 256, 1.0);
  add_layer("256->128", 64, 256, 128, 1.0);
  add_layer("512->10", 64, 512, 10, 1.0);
  add_layer("128->10", 64, 128, 10, 1.0);
  add_layer("256->768", 1024, 256, 768, 1.0);
  add_layer("256->1024", 1024, 256, 1024, 1.0);
  add_layer("784->256", 1, 784, 256, 1.0);
  add_layer("784->512", 1, 784, 512, 1.0);
  add_layer("4096->4096", 1, 4096, 4096, 1.0);
  return true;
}
const bool registered = add_all();

}  // namespace
