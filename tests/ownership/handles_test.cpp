// Misuses of tensors, views and expressions that no other test shows; README.md has the whole catalogue.
#include <optional>
#include <vector>

#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tenon/tensor/unsafe_borrow.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::says;
using tn::Index;

namespace {

using Row = tn::Tensor<float, 3>;
using Square = tn::Tensor<float, 2, 2>;
Row row() { return {1, 2, 3}; }
template <class F> std::string refused(F&& f) { return tenon_test::error_of<tn::OwnershipError>(std::forward<F>(f)); }

template <class V>
concept can_be_borrowed_to_write = requires(V& v) {
  v.mut();
};
static_assert(can_be_borrowed_to_write<Row>);

// Made before main, in the order of this file, and ended after it.
const Row made_before_main = {1, 2, 3};
const tn::Tensor twice_before_main = 2 * made_before_main;

}  // namespace

TEST_CASE("catalogue 6: a broadcast reads one element often, and cannot be borrowed to write", "[ownership][handles]") {
  tn::Tensor<float, 1, 3> one = {{1, 2, 3}};
  const auto many = tn::broadcast_to<4, 3>(one);
  static_assert(!can_be_borrowed_to_write<decltype(many)>);
  static_assert(!std::is_assignable_v<decltype(many(0, 0)), float>);
  CHECK(many.strides()[0] == 0);
  one.mut() += many(3);  // the write goes to the owner, once an element
  CHECK(one(0, 2) == 6);
}
TEST_CASE("catalogue 7: the result of a product is also its operand", "[ownership][handles]") {
  const Square a = {{1, 2}, {3, 4}};
  Square x = a.clone(), y = a.clone(), z = a.clone();
  x.mut() = matmul(x, x);
  y = matmul(y, a) + y;
  z.mut() = matmul(transpose(z), z);
  const Square xx = {{7, 10}, {15, 22}}, yy = {{8, 12}, {18, 26}}, zz = {{10, 14}, {14, 20}};
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 2; ++j) {
      CHECK(x(i, j) == xx(i, j));
      CHECK(y(i, j) == yy(i, j));
      CHECK(z(i, j) == zz(i, j));
    }
  tn::Tensor<float, 4, 2> part = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
  part.mut()(tn::range(1, 3)) = matmul(part(tn::range(0, 2)), part(tn::range(1, 3)));
  CHECK(part(1, 0) == 1 * 3 + 2 * 5);  // from the rows as they were
  CHECK(part(2, 1) == 3 * 4 + 4 * 6);
}
TEST_CASE("catalogue 11: a storage that takes a freed one's place answers to no old handle", "[ownership][handles]") {
  std::optional<Row> first(row());
  const auto old = first->view();
  first.reset();
  std::vector<Row> later;
  for (int k = 0; k < 300; ++k) {  // in and out of the place, and beside it
    if (k % 3 == 0) later.push_back(row());
    const Row passing = row();
    CHECK(says(refused([&] { (void)old(0); }), "tenon::View: stale handle"));
  }
}
TEST_CASE("catalogue 13: a tensor given away twice", "[ownership][handles]") {
  Row t = row(), u = row();
  CHECK(says(refused([&] { (void)tn::Tensor(std::move(t) * std::move(t)); }), "used after it was moved from"));
  auto both = [](Row a, Row b) { return tn::Tensor(a + b); };
  CHECK(says(refused([&] { (void)both(std::move(u), std::move(u)); }), "used after it was moved from"));
  t = row();
  CHECK(t(2) == 3);  // a new life
}
TEST_CASE("catalogue 14: owners move in a growing vector, their views stay", "[ownership][handles]") {
  std::vector<Row> all;
  all.push_back(row());
  const auto view = all[0].view();
  const auto row_of = all[0](tn::range(1, 3));
  auto lazy = all[0] * 2;
  for (int k = 0; k < 100; ++k) all.push_back(row());
  CHECK(view(2) == 3);
  CHECK(row_of(0) == 2);
  CHECK(tn::Tensor(lazy)(1) == 4);
  all[0].mut()(2) = 9;
  CHECK(view(2) == 9);
}
TEST_CASE("catalogue 16: a callback reads what its caller is writing", "[ownership][handles]") {
  Row x = row();
  auto fill = [&](auto f) {
    auto m = x.mut();
    for (Index i = 0; i < 3; ++i) m(i) = f(i);
  };
  CHECK(says(refused([&] { fill([&](Index i) { return x(2 - i); }); }), "while a MutView of it is open"));
  fill([](Index i) { return static_cast<float>(i); });  // the borrow ended with the exception
  CHECK(x(2) == 2);
}
TEST_CASE("catalogue 20: memory whose address holds no such number is refused", "[ownership][handles]") {
  alignas(8) unsigned char bytes[16] = {};
  const auto said = tenon_test::error_of<tn::ValueError>(
      [&] { (void)tn::unsafe_borrow(reinterpret_cast<float*>(bytes + 1), Index{3}); });
  CHECK(says(said,
             "tenon::unsafe_borrow: the pointer is no multiple of 4, where a float32 may lie; fix: copy the bytes"));
  CHECK(tn::unsafe_borrow(reinterpret_cast<std::uint8_t*>(bytes + 1), Index{3})(0) == 0);
}
TEST_CASE("catalogue 41: tensors made before main", "[ownership][handles]") {
  CHECK(twice_before_main(2) == 6);
  static const Row first_use = twice_before_main + made_before_main;
  CHECK(first_use(2) == 9);
}
TEST_CASE("catalogue 46: elements at any address", "[ownership][handles]") {
  std::vector<float> memory(64);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<float>(i);
  for (std::size_t offset = 0; offset < 17; ++offset) {
    const auto lent = tn::unsafe_borrow(memory.data() + offset, Index{31});
    const tn::Tensor y = 2 * lent + lent(tn::range(30, tn::Range::open, -1));
    float wrong = 0;
    for (Index i = 0; i < 31; ++i)
      wrong += std::abs(y(i) - static_cast<float>(2 * (Index(offset) + i) + Index(offset) + 30 - i));
    CHECK(wrong == 0);
    const auto a = tn::unsafe_borrow(memory.data() + offset, 3, 5),
               b = tn::unsafe_borrow(memory.data() + offset + 1, 5, 3);
    const tn::Tensor m = matmul(a, b);
    float dot = 0;
    for (std::size_t k = 0; k < 5; ++k) dot += memory[offset + 5 + k] * memory[offset + 1 + 3 * k + 2];
    CHECK(m(1, 2) == dot);
  }
}
