#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;

TEST_CASE("literal: static extents are counted by the compiler", "[tensor][literal]") {
  const tn::Tensor<float, 3> row = {1, 2.5, 3};
  CHECK(row.to_vector() == std::vector<float>{1, 2.5f, 3});
  const tn::Tensor<float, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};
  CHECK(a.to_vector() == std::vector<float>{1, 2, 3, 4, 5, 6});
  const tn::Tensor<int, 2, 2, 1> cube = {{{1}, {2}}, {{3}, {4}}};
  CHECK(cube.to_vector() == std::vector<int>{1, 2, 3, 4});
  const tn::Tensor<bool, 2> mask = {true, false};
  CHECK(mask(0));
  const tn::Tensor<double> scalar = 2;
  CHECK(scalar.item() == 2);
}
TEST_CASE("literal: run-time extents are counted when it is read", "[tensor][literal]") {
  const tn::Tensor<float, tn::dyn> row = {1, 2, 3};
  CHECK(row.shape()[0] == 3);
  const tn::Tensor<float, tn::dyn, 2> a = {{1, 2}, {3, 4}, {5, 6}};
  CHECK(tn::to_string(a.shape()) == "(3, 2)");
  CHECK(a(2, 1) == 6);
  using Pairs = tn::Tensor<float, tn::dyn, 2>;
  using Dynamic = tn::Tensor<float, tn::dyn, tn::dyn>;
  CHECK_THROWS_AS((Pairs{{1, 2, 3}}), tn::ShapeError);
  CHECK_THROWS_AS((Dynamic{{1, 2}, {3}}), tn::ShapeError);
}
TEST_CASE("literal: rank 4 and more are nested lists", "[tensor][literal]") {
  const tn::Tensor<float, 1, 2, 1, 2> t = {{{{1, 2}}, {{3, 4}}}};
  CHECK(t(0, 1, 0, 1) == 4);
}
TEST_CASE("literal: the tensor's type is deduced", "[tensor][literal]") {
  const tn::Tensor t = {{1.f, 2.f}, {3.f, 4.f}, {5.f, 6.f}};
  STATIC_REQUIRE(std::is_same_v<decltype(t), const tn::Tensor<float, 3, 2>>);
  CHECK(t(2, 0) == 5);
}
TEST_CASE("literal: parentheses around braces are a shape", "[tensor][literal]") {
  const tn::Tensor<float, tn::dyn> v({4});
  CHECK(v.size() == 4);
  const tn::Tensor<float, tn::dyn, 3> m({2, 3});
  CHECK(tn::to_string(m.shape()) == "(2, 3)");
  for (const float x : m) CHECK(x == 0);
  CHECK_THROWS_AS((tn::Tensor<float, tn::dyn, 3>({2, 4})), tn::ShapeError);
  const tn::Tensor<float, 2, 2> zeros;
  for (const float x : zeros) CHECK(x == 0);
}
TEST_CASE("literal: elements of 16 bits", "[tensor][literal]") {
  const tn::Tensor<tn::bfloat16, 1> one = {tn::bfloat16(1.f)};
  const tn::Tensor<tn::bfloat16, tn::dyn> two = {tn::bfloat16(1.f), tn::bfloat16(2.f)};
  const tn::Tensor<tn::float16, 2> mixed = {1.f, 2};
  CHECK(static_cast<float>(one(0)) == 1);
  CHECK(static_cast<float>(two(1)) == 2);
  CHECK(static_cast<float>(mixed(1)) == 2);
}
