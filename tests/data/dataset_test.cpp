#include "tenon/data/dataset.hpp"

#include <cstdlib>
#include <new>

#include "tenon/op/divide.hpp"
#include "tenon/op/subtract.hpp"
#include "tests/catch.hpp"
#include "tests/data/sets.hpp"

// ---- counts what the program allocates
namespace {
std::atomic<tenon::Index> count{0};
void* allocate(std::size_t n, std::align_val_t alignment) noexcept {
  ++count;
  const auto a = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(a, (n + a - 1) / a * a + (n == 0 ? a : 0));
}
void* allocate_or_throw(std::size_t n, std::align_val_t alignment) {
  if (void* p = allocate(n, alignment)) return p;
  throw std::bad_alloc();
}
constexpr std::align_val_t usual{alignof(std::max_align_t)};
}  // namespace
tenon::Index data_test::allocations() { return count; }
void* operator new(std::size_t n) { return allocate_or_throw(n, usual); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return allocate(n, usual); }
void* operator new(std::size_t n, std::align_val_t a) { return allocate_or_throw(n, a); }
void* operator new(std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept { return allocate(n, a); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

using namespace tenon;
using data::Dataset;
using data::Labels;
using data::split;
using data_test::contains;
using data_test::message_of;
using data_test::numbered;

TEST_CASE("dataset: holds samples and labels", "[data][dataset]") {
  auto set = numbered(10);
  CHECK(set.size() == 10);
  CHECK(set.classes() == 7);
  CHECK(set.sample(3)(1) == 3.5f);
  CHECK(set.label(8) == 1);
  CHECK_THROWS_AS(set.sample(10), ShapeError);
  CHECK_THROWS_AS(set.label(-1), ShapeError);
  set.mut_features() = (set.features() - 1.f) / 2.f;
  CHECK(set.sample(3)(0) == 1);
  const auto copy = set.clone();
  set.mut_features() = 0;
  CHECK(copy.sample(3)(0) == 1);
  CHECK(copy.classes() == 7);
}

TEST_CASE("dataset: counts must be equal", "[data][dataset]") {
  const auto wrong = [] { Dataset(Tensor<float, dyn, 2>({3, 2}), Labels{0, 1}); };
  CHECK_THROWS_AS(wrong(), ShapeError);
  CHECK(contains(message_of(wrong), "3 samples but 2 labels"));
  CHECK(contains(message_of(wrong), "dataset_test.cpp:"));
}

TEST_CASE("dataset: a label outside the classes is named", "[data][dataset]") {
  const auto with = [](std::int32_t label, Index classes) {
    return message_of([&] { Dataset(Tensor<float, dyn, 1>({3, 1}), Labels{0, label, 1}, classes); });
  };
  CHECK(contains(with(10, 10), "sample 1 has label 10 of 10 classes"));
  CHECK(contains(with(-1, 10), "sample 1 has label -1"));
  CHECK(with(9, 10) == "nothing was thrown");
  CHECK(contains(with(0, 0), "0 classes"));
  const auto negative = [] { Dataset(Tensor<float, dyn, 1>({2, 1}), Labels{0, -5}); };
  CHECK_THROWS_AS(negative(), ValueError);
  CHECK(Dataset(Tensor<float, dyn, 1>({2, 1}), Labels{0, 5}).classes() == 6);
  CHECK(Dataset(Tensor<float, dyn, 1>({0, 1}), Labels({0})).classes() == 0);
}

TEST_CASE("dataset: split gives two parts that are all of it", "[data][dataset]") {
  const auto set = numbered(101);
  const Index first = GENERATE(0, 1, 80, 101);
  Rng rng(3);
  const auto [train, rest] = split(set, first, rng);
  CHECK(train.size() == first);
  CHECK(rest.size() == 101 - first);
  CHECK(train.classes() == 7);
  std::set<Index> seen;
  for (const auto* part : {&train, &rest})
    for (Index i = 0; i < part->size(); ++i) {
      seen.insert(part->row(i));
      CHECK(part->sample(i)(0) == static_cast<float>(part->row(i)));
      CHECK(part->label(i) == part->row(i) % 7);
    }
  CHECK(seen.size() == 101);
  CHECK_THROWS_AS(train.sample(first), ShapeError);
}

TEST_CASE("dataset: split by a fraction rounds, the seed decides", "[data][dataset]") {
  const auto set = numbered(10);
  Rng a(1), b(1), c(2);
  const auto [x, x_rest] = split(set, 0.25, a);
  const auto [y, y_rest] = split(set, 0.25f, b);
  const auto [z, z_rest] = split(set, 1.0, c);
  CHECK(x.size() == 3);
  CHECK(z.size() == 10);
  CHECK(z_rest.size() == 0);
  for (Index i = 0; i < 3; ++i) CHECK(x.row(i) == y.row(i));
  const auto [other, other_rest] = split(set, 3, a);
  bool same = true;
  for (Index i = 0; i < 3; ++i) same = same && other.row(i) == x.row(i);
  CHECK_FALSE(same);
}

TEST_CASE("dataset: a part can be split again", "[data][dataset]") {
  const auto set = numbered(30);
  Rng rng(1);
  const auto [train, test] = split(set, 20, rng);
  const auto [learn, validate] = split(train, 15, rng);
  std::set<Index> seen;
  for (const auto* part : {&learn, &validate, &test})
    for (Index i = 0; i < part->size(); ++i) {
      seen.insert(part->row(i));
      CHECK(part->sample(i)(0) == static_cast<float>(part->row(i)));
    }
  CHECK(seen.size() == 30);
}

TEST_CASE("dataset: splits that cannot be are refused", "[data][dataset]") {
  const auto set = numbered(10);
  Rng rng(1);
  CHECK(contains(message_of([&] { split(set, 11, rng); }), "11 samples of 10"));
  CHECK_THROWS_AS(split(set, -1, rng), ValueError);
  CHECK_THROWS_AS(split(set, 1.5, rng), ValueError);
  CHECK_THROWS_AS(split(set, -0.1, rng), ValueError);
  CHECK_THROWS_AS(split(set, std::numeric_limits<double>::quiet_NaN(), rng), ValueError);
}

TEST_CASE("dataset: a part of a set that is gone is an error", "[data][dataset]") {
  std::optional<data::Subset<Tensor<float, dyn, 2>, Labels>> kept;
  {
    const auto set = numbered(10);
    Rng rng(1);
    kept = split(set, 5, rng).first;
    CHECK(kept->sample(0).size() == 2);
  }
  CHECK_THROWS_AS(kept->sample(0), OwnershipError);
  CHECK_THROWS_AS(kept->label(0), OwnershipError);
}
