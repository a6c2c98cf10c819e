#include "tenon/op/add.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;

namespace {
tn::Tensor<float, 3, 4> twelve() { return {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}}; }
template <class F> std::string error_of(F f) {
  try {
    f();
  } catch (const tn::OwnershipError& e) {
    return e.what();
  }
  return "no error";
}
}  // namespace

TEST_CASE("view: slices name the elements that Python's name", "[tensor][view]") {
  const auto t = twelve();
  CHECK(tn::Tensor(t(1, tn::all)).to_vector() == std::vector<float>{4, 5, 6, 7});
  CHECK(tn::Tensor(t(tn::all, -1)).to_vector() == std::vector<float>{3, 7, 11});
  CHECK(tn::Tensor(t(tn::range(0, 3, 2), tn::range(1, 3))).to_vector() == std::vector<float>{1, 2, 9, 10});
  CHECK(tn::Tensor(t(0, tn::range(3, tn::Range::open, -1))).to_vector() == std::vector<float>{3, 2, 1, 0});
  const auto wide = t(tn::newaxis, tn::ellipsis, 2);
  CHECK(tn::to_string(wide.shape()) == "(1, 3)");
  CHECK(t(tn::range(2, 2)).size() == 0);
  CHECK_THROWS_AS(t(3, tn::all), tn::ShapeError);
}
TEST_CASE("view: a view of a view", "[tensor][view]") {
  const auto t = twelve();
  const auto v = t(tn::range(1, 3))(tn::all, tn::range(0, 4, 2));
  CHECK(tn::Tensor(v).to_vector() == std::vector<float>{4, 6, 8, 10});
  CHECK(v(1, 1) == 10);
  CHECK_FALSE(v.is_contiguous());
  CHECK(t(1).is_contiguous());
}
TEST_CASE("view: dies with the storage", "[tensor][view]") {
  auto dangling = [] {
    const auto t = twelve();
    const auto part = t(tn::all);  // `return t(tn::all)` is refused by clang
    return part;
  };
  const auto v = dangling();
  CHECK(error_of([&] { (void)v(0, 0); }) != "no error");
  CHECK(error_of([&] { (void)v.clone(); }) != "no error");
}
TEST_CASE("view: sees what is written, not while it is being written", "[tensor][view]") {
  auto t = twelve();
  const auto v = t.view();
  {
    auto w = t.mut();
    w(0, 0) = 7;
    CHECK(error_of([&] { (void)v(0, 0); }) != "no error");
    CHECK(error_of([&] { (void)t(0, 0); }) != "no error");
    CHECK(error_of([&] { (void)t.mut(); }) != "no error");
  }
  CHECK(v(0, 0) == 7);
}
TEST_CASE("view: a MutView of part writes there only", "[tensor][view]") {
  auto t = twelve();
  t.mut()(1, tn::range(0, 4, 2)) = 50;
  CHECK(t.to_vector() == std::vector<float>{0, 1, 2, 3, 50, 5, 50, 7, 8, 9, 10, 11});
}
TEST_CASE("view: split gives two writers of disjoint parts", "[tensor][view]") {
  auto t = twelve();
  {
    auto [top, bottom] = t.mut().split(0, 1);
    top = 1;
    bottom = 2;
    CHECK(error_of([&] { (void)t.view(); }) != "no error");
  }
  CHECK(t.to_vector() == std::vector<float>{1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2});
  CHECK_THROWS_AS(t.mut().split(0, 4), tn::ShapeError);
  CHECK_THROWS_AS(t.mut().split(2, 0), tn::ShapeError);
  CHECK(t(0, 0) == 1);  // a refused split has closed its borrow
}
TEST_CASE("view: a moved MutView holds the borrow alone", "[tensor][view]") {
  auto t = twelve();
  {
    auto w = t.mut();
    auto u = std::move(w);
    u(0, 0) = 3;
    CHECK(error_of([&] { w(0, 0) = 4; }) != "no error");
    auto [top, bottom] = std::move(u).split(0, 1);
    CHECK(error_of([&] { u(2, 0) = 4; }) != "no error");
    bottom = 7;
  }
  CHECK(t(0, 0) == 3);
  CHECK(t(2, 0) == 7);
}
TEST_CASE("view: a part ends with the borrow it is part of", "[tensor][view]") {
  auto t = twelve();
  std::optional<tn::MutView<float, 4>> row;
  {
    auto w = t.mut();
    row.emplace(w(0, tn::all));
    (*row)(1) = 9;
  }
  CHECK(error_of([&] { (*row)(0) = 9; }).find("the exclusive borrow that this MutView is part of has ended") !=
        std::string::npos);
  auto later = t.mut();
  CHECK(error_of([&] { (*row)(0) = 9; }).find("the exclusive borrow that this MutView is part of has ended") !=
        std::string::npos);
  CHECK_THROWS_AS(*row = 9, tn::OwnershipError);
  CHECK_THROWS_AS(row->data(), tn::OwnershipError);
  later(2, 0) = 5;
}
TEST_CASE("view: items", "[tensor][view]") {
  const auto t = twelve();
  CHECK(t(tn::range(1, 2), tn::range(2, 3)).item() == 6);
  CHECK_THROWS_AS(t(1).item(), tn::ShapeError);
}
TEST_CASE("view: a part without gaps is a range, any part a vector", "[tensor][view]") {
  const auto t = twelve();
  float sum = 0;
  for (const float x : t(tn::range(1, 3))) sum += x;
  CHECK(sum == 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11);
  CHECK(t(tn::all, 1).to_vector() == std::vector<float>{1, 5, 9});
  CHECK_THROWS_AS(t(tn::all, 1).begin(), tn::ShapeError);
}
