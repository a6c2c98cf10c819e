#include "tenon/interop/eigen.hpp"

#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
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

/// Every element of a rank-2 view is that of the Eigen object.
template <class V, class M> bool same_elements(const V& v, const M& m) {
  bool same = v.shape()[0] == m.rows() && v.shape()[1] == m.cols();
  for (Index i = 0; same && i < m.rows(); ++i)
    for (Index j = 0; j < m.cols(); ++j) same = same && v(i, j) == m(i, j);
  return same;
}
template <class B>
concept writable = requires(std::remove_const_t<B>& b) {
  b.mut();
};
template <class M> M numbered(Index rows, Index columns) {
  M m(rows, columns);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) m(i, j) = static_cast<typename M::Scalar>(10 * i + j);
  return m;
}

}  // namespace

TEST_CASE("eigen: matrices and arrays are read in place, whatever their order", "[interop][eigen]") {
  auto by_columns = numbered<Eigen::MatrixXf>(3, 4);
  auto by_rows = numbered<Eigen::Matrix<double, dyn, dyn, Eigen::RowMajor>>(3, 4);
  auto array = numbered<Eigen::ArrayXXi>(2, 5);
  const auto a = tn::borrow_eigen(by_columns);
  const auto b = tn::borrow_eigen(by_rows);
  const auto c = tn::borrow_eigen(array);
  STATIC_REQUIRE(std::is_same_v<decltype(a.view()), tn::View<float, dyn, dyn>>);
  CHECK(same_elements(a, by_columns));
  CHECK(same_elements(b, by_rows));
  CHECK(same_elements(c, array));
  CHECK(a.view().data() == by_columns.data());
  CHECK(a.view().strides() == tn::Strides<2>{1, 3});
  CHECK(b.view().strides() == tn::Strides<2>{4, 1});
  by_columns(1, 2) = 99;
  CHECK(a(1, 2) == 99);
}
TEST_CASE("eigen: static sizes are static extents, vectors have rank 1", "[interop][eigen]") {
  Eigen::Matrix<float, 2, 3> m = Eigen::Matrix<float, 2, 3>::Random();
  Eigen::Vector3d column(1, 2, 3);
  Eigen::RowVectorXf row = Eigen::RowVectorXf::LinSpaced(5, 0, 4);
  const auto a = tn::borrow_eigen(m);
  const auto v = tn::borrow_eigen(column);
  const auto r = tn::borrow_eigen(row);
  STATIC_REQUIRE(std::is_same_v<decltype(a)::shape_type, tn::Shape<2, 3>>);
  STATIC_REQUIRE(std::is_same_v<decltype(v)::shape_type, tn::Shape<3>>);
  STATIC_REQUIRE(std::is_same_v<decltype(r)::shape_type, tn::Shape<dyn>>);
  CHECK(same_elements(a, m));
  CHECK(v(2) == 3);
  CHECK(r(4) == 4);
}
TEST_CASE("eigen: maps, blocks and transposes are borrowed with their strides", "[interop][eigen]") {
  auto m = numbered<Eigen::MatrixXd>(6, 7);
  const auto block = tn::borrow_eigen(m.block(1, 2, 3, 4));
  CHECK(same_elements(block, m.block(1, 2, 3, 4)));
  std::vector<double> memory(24);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<double>(i);
  using Stride = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  Eigen::Map<const Eigen::MatrixXd, Eigen::Unaligned, Stride> gaps(memory.data(), 3, 2, Stride(12, 2));
  const auto g = tn::borrow_eigen(gaps);
  CHECK(same_elements(g, gaps));
  STATIC_REQUIRE_FALSE(writable<decltype(g)>);
  const auto t = tn::borrow_eigen(m.transpose());
  CHECK(same_elements(t, m.transpose()));
}
TEST_CASE("eigen: a matrix is written through mut, under the rules of every borrow", "[interop][eigen]") {
  auto m = numbered<Eigen::MatrixXf>(2, 3);
  auto lent = tn::borrow_eigen(m);
  lent.mut() = 2 * lent + 1;
  CHECK(m(1, 2) == 25);
  {
    auto w = lent.mut();
    CHECK(says(error_of([&] { (void)lent.view(); }), "MutView"));
  }
  std::optional<tn::View<float, dyn, dyn>> stale;
  {
    const auto gone = tn::borrow_eigen(m);
    stale = gone.view();
  }
  CHECK(says(error_of([&] { (void)(*stale)(0, 0); }), "stale"));
}
TEST_CASE("eigen: tensors and views become maps", "[interop][eigen]") {
  tn::Tensor<float, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};
  const auto map = tn::as_eigen(a);
  CHECK(map.data() == a.data());
  CHECK(map.rows() == 2);
  CHECK(map(1, 0) == 4);
  CHECK(map.sum() == 21);
  const auto part = tn::as_eigen(a(tn::all, tn::range(0, 3, 2)));
  CHECK(part(1, 1) == 6);
  CHECK(part.sum() == 1 + 3 + 4 + 6);
  const auto turned = tn::as_eigen(tn::transpose(a));
  CHECK(turned.rows() == 3);
  CHECK(turned(2, 1) == 6);
  const auto column = tn::as_eigen(a(tn::all, 1));
  CHECK(column.size() == 2);
  CHECK(column(1) == 5);
  const tn::Tensor<double, dyn> v({4});
  CHECK(tn::as_eigen(v).norm() == 0);
  const tn::Tensor<float, dyn, dyn> empty({0, 3});
  CHECK(tn::as_eigen(empty).size() == 0);
}
TEST_CASE("eigen: a MutView becomes a map to write", "[interop][eigen]") {
  tn::Tensor<double, dyn, 3> a({2, 3});
  {
    auto w = a.mut();
    auto m = tn::as_eigen(w);
    m.setConstant(7);
    m.row(1) << 1, 2, 3;
  }
  CHECK(a.to_vector() == std::vector<double>{7, 7, 7, 1, 2, 3});
  {
    auto w = a.mut()(tn::all, 1);
    tn::as_eigen(w) << -1, -2;
  }
  CHECK(a(0, 1) == -1);
  CHECK(a(1, 1) == -2);
}
TEST_CASE("eigen: matmul agrees with Eigen's product, every order of both factors", "[interop][eigen]") {
  const Index m = GENERATE(1, 3, 17), k = GENERATE(1, 8, 33), n = GENERATE(1, 5, 40);
  tn::Rng rng(7);
  const auto a = tn::uniform<double>(rng, {m, k}, -1, 1);
  const auto b = tn::uniform<double>(rng, {k, n}, -1, 1);
  const Eigen::MatrixXd ea = tn::as_eigen(a), eb = tn::as_eigen(b), product = ea * eb;
  const Eigen::Matrix<double, dyn, dyn, Eigen::RowMajor> ra = ea, rb = eb;
  const auto want = tn::borrow_eigen(product);
  const auto columns_a = tn::borrow_eigen(ea), columns_b = tn::borrow_eigen(eb);
  const auto rows_a = tn::borrow_eigen(ra), rows_b = tn::borrow_eigen(rb);
  const double close = 1e-14 * static_cast<double>(k);
  CHECK(tn::allclose(tn::matmul(a, b), want, 0, close));
  CHECK(tn::allclose(tn::matmul(columns_a, columns_b), want, 0, close));
  CHECK(tn::allclose(tn::matmul(rows_a, columns_b), want, 0, close));
  CHECK(tn::allclose(tn::matmul(columns_a, rows_b), want, 0, close));
}
