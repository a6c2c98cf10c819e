#include "tenon/tensor/tensor.hpp"

#include <cstdint>
#include <thread>

#include "tenon/op/add.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;

namespace {
template <class F> std::string error_of(F f) {
  try {
    f();
  } catch (const tn::OwnershipError& e) {
    return e.what();
  }
  return "no error";
}
}  // namespace

TEST_CASE("tensor: owns, moves, clones", "[tensor][tensor]") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<tn::Tensor<float, 3>>);
  tn::Tensor<float, 3> a = {1, 2, 3};
  const float* p = a.data();
  CHECK(reinterpret_cast<std::uintptr_t>(p) % 64 == 0);
  tn::Tensor<float, 3> copy = a.clone();
  copy.mut()(0) = 9;
  CHECK(a(0) == 1);
  tn::Tensor<float, 3> b = std::move(a);
  CHECK(b.data() == p);
}
TEST_CASE("tensor: views stay good when the owner moves", "[tensor][tensor]") {
  tn::Tensor<float, 3> a = {1, 2, 3};
  const auto v = a.view();
  const tn::Tensor<float, 3> b = std::move(a);
  CHECK(v(1) == 2);
}
TEST_CASE("tensor: a moved-from one is an error to use", "[tensor][tensor]") {
  tn::Tensor<float, 3> a = {1, 2, 3};
  const tn::Tensor<float, 3> b = std::move(a);
  CHECK(error_of([&] { (void)a.view(); }) != "no error");
  CHECK(error_of([&] { (void)a.clone(); }) != "no error");
  CHECK(error_of([&] { tn::Tensor<float, 3> c = a + b; }) != "no error");
  CHECK(error_of([&] { (void)a.mut(); }) != "no error");
}
TEST_CASE("tensor: a moved-from one may be assigned again", "[tensor][tensor]") {
  tn::Tensor<float, 3> a = {1, 2, 3};
  const tn::Tensor<float, 3> b = std::move(a);
  a = b + 1;
  CHECK(a(2) == 4);
}
TEST_CASE("tensor: assignment works in place while the shape stays, else takes new storage", "[tensor][tensor]") {
  tn::Tensor<float, tn::dyn> a({3});
  const float* p = a.data();
  const tn::Tensor<float, tn::dyn> three = {1, 2, 3}, four = {1, 2, 3, 4};
  a = three + 0;
  CHECK(a.data() == p);
  CHECK(a(2) == 3);
  a = a + a;
  CHECK(a.data() == p);
  CHECK(a(2) == 6);
  const auto v = a.view();
  a = four + 0;
  CHECK(a.size() == 4);
  CHECK(error_of([&] { (void)v(0); }) != "no error");
}
TEST_CASE("tensor: single elements and their checks", "[tensor][tensor]") {
  const tn::Tensor<float, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};
  CHECK(a(1, 2) == 6);
  CHECK(a(-1, -1) == 6);
  CHECK_THROWS_AS(a(2, 0), tn::ShapeError);
  CHECK_THROWS_AS(a(0, 3), tn::ShapeError);
  CHECK_THROWS_AS(a.item(), tn::ShapeError);
}
TEST_CASE("tensor: another thread may not read or write it", "[tensor][tensor]") {
  tn::Tensor<float, 3> a = {1, 2, 3};
  std::string read, write;
  std::thread([&] {
    read = error_of([&] { (void)a.view()(0); });
    write = error_of([&] { a.mut()(0) = 1; });
  }).join();
  CHECK_THAT(read, Catch::Contains("thread"));
  CHECK_THAT(write, Catch::Contains("thread"));
}
TEST_CASE("tensor: Uninit is filled, then it is a tensor", "[tensor][tensor]") {
  const auto t =
      tn::Uninit<int, 2, 2>(tn::Shape<2, 2>{}).init_with([](tn::Index i) { return static_cast<int>(i * i); });
  CHECK(t.to_vector() == std::vector<int>{0, 1, 4, 9});
}
TEST_CASE("tensor: a size that overflows is an error, an empty one is not", "[tensor][tensor]") {
  using Big = tn::Tensor<float, tn::dyn, tn::dyn>;
  CHECK_THROWS_AS(Big({tn::Index{1} << 40, tn::Index{1} << 40}), tn::ShapeError);
  CHECK_THROWS_AS(Big({-1, 2}), tn::ShapeError);
  const Big empty({0, tn::Index{1} << 40});
  CHECK(empty.size() == 0);
  CHECK(tn::Tensor(empty + 1).size() == 0);
}
