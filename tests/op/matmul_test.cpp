#include "tenon/op/matmul.hpp"

#include "tenon/autodiff/functional.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/exp.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/op/subtract.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

namespace {
using Any = tn::Tensor<double, dyn, dyn>;
Any drawn(Index rows, Index columns, std::uint64_t seed) {
  tn::Rng rng(seed);
  return tn::uniform<double>(rng, {rows, columns}, -1, 1);
}
/// a b by plain loops in long double, for anything with a(i, p).
template <class A, class B> Any product(const A& a, const B& b) {
  Any y({a.shape()[0], b.shape()[1]});
  auto w = y.mut();
  for (Index i = 0; i < a.shape()[0]; ++i)
    for (Index j = 0; j < b.shape()[1]; ++j) {
      long double s = 0;
      for (Index p = 0; p < a.shape()[1]; ++p)
        s += static_cast<long double>(a(i, p)) * static_cast<long double>(b(p, j));
      w(i, j) = static_cast<double>(s);
    }
  return y;
}
template <class Y, class W> void check_close(const Y& y, const W& want, Index k) {
  CHECK(tn::allclose(y, want, 0, 1e-15 * static_cast<double>(k + 1)));
}
}  // namespace

TEST_CASE("matmul: every transpose combination, through views and through values", "[op][matmul]") {
  const auto [m, k, n] = GENERATE(
      table<Index, Index, Index>({{1, 1, 1}, {3, 4, 5}, {17, 9, 33}, {1, 7, 5}, {6, 5, 1}, {2, 0, 3}, {0, 3, 2}}));
  const auto a = drawn(m, k, 1), b = drawn(k, n, 2), at = drawn(k, m, 3), bt = drawn(n, k, 4);
  const auto turned_a = tn::transpose(at), turned_b = tn::transpose(bt);
  check_close(tn::matmul(a, b), product(a, b), k);
  check_close(tn::matmul(turned_a, b), product(turned_a, b), k);
  check_close(tn::matmul(a, turned_b), product(a, turned_b), k);
  check_close(tn::matmul(turned_a, turned_b), product(turned_a, turned_b), k);
  tn::Arena arena;
  tn::Scope scope(arena);
  const tn::Value va = scope.input(a), vb = scope.input(b), vat = scope.input(at), vbt = scope.input(bt);
  const auto loops = tn::counters().loops;
  const tn::Value y = tn::matmul(tn::transpose(vat), tn::transpose(vbt));
  CHECK(tn::counters().loops <= loops + 1);  // the product itself: no copy of a factor
  check_close(y, product(turned_a, turned_b), k);
  check_close(tn::matmul(tn::transpose(vat), vb), product(turned_a, b), k);
  check_close(tn::matmul(va, tn::transpose(vbt)), product(a, turned_b), k);
}
TEST_CASE("matmul: factors with gaps and reversed ones", "[op][matmul]") {
  const auto a = drawn(13, 20, 1), b = drawn(20, 14, 2);
  const auto x = a(tn::range(0, 13, 3), tn::range(19, tn::Range::open, -2));
  const auto y = b(tn::range(1, 20, 2), tn::range(0, 14, 4));
  check_close(tn::matmul(x, y), product(x, y), 10);
  check_close(tn::matmul(tn::transpose(y), tn::transpose(x)), product(tn::transpose(y), tn::transpose(x)), 10);
}
TEST_CASE("matmul: vectors are rows on the left and columns on the right", "[op][matmul]") {
  const auto a = drawn(4, 6, 1);
  const auto row = a(1), column = a(tn::all, 2);
  const auto x = drawn(1, 4, 5), z = drawn(6, 1, 6);
  const tn::Tensor<double, dyn> xv(tn::reshape(x, -1)), zv(tn::reshape(z, -1));
  const tn::Tensor y = tn::matmul(xv, a), w = tn::matmul(a, zv);
  CHECK(tn::to_string(y.shape()) == "(6,)");
  check_close(y, tn::flatten(product(x, a)), 4);
  check_close(w, tn::flatten(product(a, z)), 6);
  CHECK(tn::matmul(row, zv).item() == Approx(w(1)).epsilon(1e-14));
  CHECK(tn::matmul(xv, column).item() == Approx(y(2)).epsilon(1e-14));
  STATIC_REQUIRE(decltype(tn::matmul(row, zv))::shape_type::rank == 0);
}
TEST_CASE("matmul: batches broadcast", "[op][matmul]") {
  tn::Rng rng(3);
  const auto a = tn::uniform<double>(rng, {2, 1, 3, 4}, -1, 1);
  const auto b = tn::uniform<double>(rng, {5, 4, 6}, -1, 1);
  const auto c = tn::uniform<double>(rng, {4, 6}, -1, 1);
  const tn::Tensor y = tn::matmul(a, b), z = tn::matmul(a, c);
  CHECK(tn::to_string(y.shape()) == "(2, 5, 3, 6)");
  CHECK(tn::to_string(z.shape()) == "(2, 1, 3, 6)");
  for (Index i = 0; i < 2; ++i) {
    for (Index j = 0; j < 5; ++j) check_close(y(i, j), product(a(i, 0), b(j)), 4);
    check_close(z(i, 0), product(a(i, 0), c), 4);
  }
  const auto v = tn::uniform<double>(rng, {4}, -1, 1);
  const tn::Tensor w = tn::matmul(a, v);
  CHECK(tn::to_string(w.shape()) == "(2, 1, 3)");
  const tn::Tensor u = tn::matmul(v, b);
  CHECK(tn::to_string(u.shape()) == "(5, 6)");
  for (Index j = 0; j < 5; ++j)
    for (Index k = 0; k < 6; ++k) {
      double s = 0;
      for (Index p = 0; p < 4; ++p) s += v(p) * b(j, p, k);
      CHECK(u(j, k) == Approx(s).epsilon(1e-13));
    }
}
TEST_CASE("matmul: run-time shapes that do not fit are refused", "[op][matmul]") {
  CHECK(says(error_of<tn::ShapeError>([] { (void)tn::matmul(drawn(2, 3, 1), drawn(4, 5, 1)); }),
             "a of shape (2, 3) and b of shape (4, 5): a has 3 columns but b has 4 rows"));
  const tn::Tensor<double, dyn, dyn, dyn> two({2, 3, 3}), three({3, 3, 3});
  CHECK_THROWS_AS(tn::matmul(two, three), tn::ShapeError);
}
TEST_CASE("matmul: bias and activation run as the product's epilogue", "[op][matmul]") {
  const auto x = drawn(33, 20, 1), w = drawn(20, 70, 2);
  tn::Rng rng(4);
  const auto b = tn::uniform<double>(rng, {70}, -1, 1);
  const auto before = tn::counters();
  const tn::Tensor y = tn::relu(tn::matmul(x, w) + b);
  CHECK(tn::counters().loops == before.loops + 1);
  CHECK(tn::counters().products == before.products + 1);
  const auto z = product(x, w);
  for (Index i = 0; i < 33; ++i)
    for (Index j = 0; j < 70; ++j) {
      const double s = z(i, j) + b(j);
      CHECK(y(i, j) == Approx(s > 0 ? s : 0).margin(1e-13));
    }
  // Residuals, columns and transposed operands as well, fused or not.
  const auto r = drawn(33, 70, 5), rt = drawn(70, 33, 6), column = drawn(33, 1, 7);
  check_close(tn::matmul(x, w) * 2 + r, Any(2 * z + r), 40);
  check_close(tn::matmul(x, w) + tn::transpose(rt), Any(z + tn::transpose(rt)), 40);
  check_close(tn::matmul(x, w) * column + b, Any(z * column + b), 40);
  check_close(tn::matmul(x, w) + tn::matmul(r, tn::transpose(drawn(70, 70, 8))),
              Any(z + product(r, tn::transpose(drawn(70, 70, 8)))), 100);
}
TEST_CASE("matmul: batches that broadcast run bias, activation and residual in the same pass", "[op][matmul]") {
  tn::Rng rng(5);
  const auto a = tn::uniform<double>(rng, {2, 1, 3, 4}, -1, 1);
  const auto b = tn::uniform<double>(rng, {5, 4, 6}, -1, 1);
  const auto residual = tn::uniform<double>(rng, {2, 5, 3, 6}, -1, 1);
  const auto bias = tn::uniform<double>(rng, {6}, -1, 1), v = tn::uniform<double>(rng, {4}, -1, 1);
  const auto before = tn::counters();
  const tn::Tensor y = tn::relu(tn::matmul(a, b) + bias), z = tn::relu(tn::matmul(a, b) + residual);
  const tn::Tensor w = tn::relu(tn::matmul(a, v) + 0.25);  // a matrix times a vector, likewise
  CHECK(tn::counters().loops == before.loops + 3);
  CHECK(tn::counters().products == before.products + 3);
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 5; ++j) {
      const auto p = product(a(i, 0), b(j));
      check_close(y(i, j), tn::relu(p + bias), 4);
      check_close(z(i, j), tn::relu(p + residual(i, j)), 4);
    }
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 3; ++j) {
      double s = 0.25;
      for (Index k = 0; k < 4; ++k) s += a(i, 0, j, k) * v(k);
      CHECK(w(i, 0, j) == Approx(s > 0 ? s : 0).margin(1e-15));
    }
}
TEST_CASE("matmul: batches times one matrix, at one stride or not", "[op][matmul]") {
  tn::Rng rng(8);
  const auto w = tn::uniform<double>(rng, {4, 2}, -1, 1);
  const auto residual = tn::uniform<double>(rng, {4, 1, 3, 2}, -1, 1);
  for (const auto& [rows, columns] :
       {std::pair<Index, Index>{3, 4}, {3, 6}, {5, 4}}) {  // no gaps, of rows, of matrices
    const auto held = tn::uniform<double>(rng, {4, 2, rows, columns}, -1, 1);
    const auto a = held(tn::all, tn::all, tn::range(rows - 3, rows), tn::range(columns - 4, columns));
    const tn::Tensor y = tn::relu(tn::matmul(a, w) + residual);
    const auto da = tn::grad([&](const auto& x) { return tn::sum(tn::matmul(x, w) * y); })(tn::Tensor(a));
    const auto dw = tn::grad([&](const auto& z) { return tn::sum(tn::matmul(a, z) * y); })(w);
    Any sum({4, 2});
    for (Index i = 0; i < 4; ++i)
      for (Index j = 0; j < 2; ++j) {
        check_close(y(i, j), tn::relu(product(a(i, j), w) + residual(i, 0)), 4);
        check_close(da(i, j), product(y(i, j), tn::transpose(w)), 2);
        sum.mut() += product(tn::transpose(a(i, j)), y(i, j));
      }
    check_close(dw, sum, 24);
  }
}
TEST_CASE("matmul: integers are exact and wrap round", "[op][matmul]") {
  const tn::Tensor<std::int32_t, 2, 2> a = {{1, 2}, {3, 4}}, big = {{INT32_MAX, 1}, {0, INT32_MAX}};
  CHECK(tn::Tensor(tn::matmul(a, a)).to_vector() == std::vector<std::int32_t>{7, 10, 15, 22});
  CHECK(tn::Tensor(tn::matmul(big, big)).to_vector() == std::vector<std::int32_t>{1, -2, 0, 1});
  const tn::Tensor<std::uint8_t, 2, 2> bytes = {{200, 100}, {16, 15}};
  CHECK(tn::Tensor(tn::matmul(bytes, bytes)).to_vector() == std::vector<std::uint8_t>{128, 252, 112, 33});
  const tn::Tensor<bool, 2, 2> paths = {{false, true}, {false, true}};
  CHECK(tn::Tensor(tn::matmul(paths, paths)).to_vector() == std::vector<bool>{false, true, false, true});
}
TEST_CASE("matmul: a dot product takes part in an expression", "[op][matmul]") {
  const tn::Tensor<float, 3> u = {1, 2, 3}, v = {4, 5, 6};
  const tn::Tensor<float> one = 1;
  const tn::Tensor y = matmul(u, v) + 1, z = matmul(u, v) * one - matmul(u, u);
  CHECK(y.item() == 33);
  CHECK(z.item() == 18);
}
TEST_CASE("matmul: assigned to its own operand", "[op][matmul]") {
  const tn::Tensor<float, 2, 2> w = {{1, 2}, {3, 4}}, square = {{7, 10}, {15, 22}};
  tn::Tensor<float, 2, 2> x = w.clone();
  x = matmul(x, x);
  CHECK(x.to_vector() == square.to_vector());
  x = w.clone();
  x.mut() = matmul(x, w) + x;
  CHECK(x.to_vector() == std::vector<float>{8, 12, 18, 26});
  x = w.clone();
  x.mut() += matmul(w, x);
  CHECK(x.to_vector() == std::vector<float>{8, 12, 18, 26});
  x = w.clone();
  x.copy_from(matmul(x, x));
  CHECK(x.to_vector() == square.to_vector());
  x = w.clone();
  x.mut()(0, tn::all) = matmul(x, tn::Tensor<float, 2>{1, 1});
  CHECK(x.to_vector() == std::vector<float>{3, 7, 3, 4});
}
