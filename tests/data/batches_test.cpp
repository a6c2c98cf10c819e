#include "tenon/data/batches.hpp"

#include <cstdlib>
#include <new>
#include <type_traits>

#include "tenon/autodiff/step.hpp"
#include "tenon/data/map.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tests/catch.hpp"
#include "tests/data/sets.hpp"

using namespace tenon;
using data::batches;
using data_test::message_of;
using data_test::numbered;

namespace {
/// The first feature of each sample, in the order the batches come.
template <class Batches> std::vector<float> order_of(Batches&& epochs) {
  std::vector<float> order;
  for (auto [samples, labels] : epochs) {
    for (Index i = 0; i < labels.size(); ++i) {
      order.push_back(samples(i, 0));
      CHECK(samples(i, 1) == samples(i, 0) + 0.5f);
      CHECK(labels(i) == static_cast<std::int32_t>(samples(i, 0)) % 7);
    }
  }
  return order;
}
std::vector<float> sorted(std::vector<float> v) {
  std::sort(v.begin(), v.end());
  return v;
}
std::vector<float> counting(Index n) {
  std::vector<float> v;
  for (Index i = 0; i < n; ++i) v.push_back(static_cast<float>(i));
  return v;
}
}  // namespace

TEST_CASE("batches: without a generator in order, the last one smaller", "[data][batches]") {
  const auto set = numbered(10);
  std::vector<Index> sizes;
  auto epochs = batches(set, 4);
  CHECK(epochs.count() == 3);
  CHECK(epochs.samples() == 10);
  for (auto batch : epochs) {
    static_assert(std::is_same_v<decltype(batch.features), const Tensor<float, dyn, 2>&>);
    static_assert(std::is_same_v<decltype(batch.labels), const Tensor<std::int32_t, dyn>&>);
    sizes.push_back(batch.size());
    CHECK(batch.labels.size() == batch.size());
  }
  CHECK(sizes == std::vector<Index>{4, 4, 2});
  CHECK(order_of(batches(set, 4)) == counting(10));
}

TEST_CASE("batches: every sample exactly once an epoch, whatever the size", "[data][batches]") {
  const Index n = GENERATE(0, 1, 2, 63, 64, 65, 200);
  const Index size = GENERATE(1, 3, 64, 1000);
  const auto set = numbered(n);
  Rng rng(5);
  auto epochs = batches(set, size, rng);
  CHECK(epochs.count() == (n + size - 1) / size);
  for (int epoch = 0; epoch < 3; ++epoch) CHECK(sorted(order_of(epochs)) == counting(n));
}

TEST_CASE("batches: a static extent is part of the type and drops the rest", "[data][batches]") {
  const auto set = numbered(10);
  Rng rng(5);
  auto epochs = batches<4>(set, rng);
  CHECK(epochs.count() == 2);
  CHECK(epochs.samples() == 8);
  int count = 0;
  for (auto [samples, labels] : epochs) {
    static_assert(std::is_same_v<decltype(samples), const Tensor<float, 4, 2>&>);
    static_assert(std::is_same_v<decltype(labels), const Tensor<std::int32_t, 4>&>);
    ++count;
  }
  CHECK(count == 2);
  const auto order = order_of(epochs);
  CHECK(order.size() == 8);
  CHECK(std::set<float>(order.begin(), order.end()).size() == 8);
  CHECK(order_of(batches<4>(set)) == counting(8));

  std::set<float> seen;  // another two samples are left out each time
  for (int epoch = 0; epoch < 30; ++epoch)
    for (float x : order_of(epochs)) seen.insert(x);
  CHECK(seen.size() == 10);
}

TEST_CASE("batches: the seed decides the order, each call and each pass has its own", "[data][batches]") {
  const auto set = numbered(100);
  Rng a(7), b(7), c(8);
  const auto first = order_of(batches(set, 8, a)), second = order_of(batches(set, 8, a));
  CHECK(first != counting(100));
  CHECK(first != second);
  CHECK(first == order_of(batches(set, 32, b)));  // the order does not depend on the batch size
  CHECK(second == order_of(batches(set, 8, b)));
  CHECK(first != order_of(batches(set, 8, c)));
  CHECK(a.state() == b.state());
  CHECK(a.state().position == 2);

  Rng d(7), e(7);
  auto one = batches(set, 8, d), same = batches(set, 8, e);
  const auto pass1 = order_of(one), pass2 = order_of(one);
  CHECK(pass1 != pass2);
  CHECK(pass1 == order_of(same));
  CHECK(pass2 == order_of(same));
}

TEST_CASE("batches: a shuffle reaches every order of three samples, about equally often", "[data][batches]") {
  const auto set = numbered(3);
  Rng rng(1);
  std::map<std::vector<float>, int> times;
  auto epochs = batches(set, 2, rng);
  for (int i = 0; i < 1200; ++i) ++times[order_of(epochs)];
  CHECK(times.size() == 6);
  for (const auto& [order, n] : times) CHECK(std::abs(n - 200) < 70);  // 5 standard deviations
}

TEST_CASE("batches: an epoch can be left in the middle and begun anew", "[data][batches]") {
  const auto set = numbered(10);
  auto epochs = batches(set, 3);
  for (auto batch : epochs) {
    CHECK(batch.features(0, 0) == 0);
    break;
  }
  CHECK(order_of(epochs) == counting(10));
}

TEST_CASE("batches: samples of any shape and targets that are no classes", "[data][batches]") {
  Tensor<double, dyn, 2, 3> x({5, 2, 3});
  Tensor<float, dyn, 2> y({5, 2});
  for (Index i = 0; i < 5; ++i) {
    x.mut()(i, 1, 2) = static_cast<double>(i);
    y.mut()(i, 1) = static_cast<float>(10 * i);
  }
  const data::Dataset set(std::move(x), std::move(y));
  CHECK(set.classes() == 0);
  Index i = 0;
  for (auto [samples, targets] : batches(set, 2)) {
    static_assert(std::is_same_v<decltype(samples), const Tensor<double, dyn, 2, 3>&>);
    static_assert(std::is_same_v<decltype(targets), const Tensor<float, dyn, 2>&>);
    for (Index k = 0; k < samples.shape()[0]; ++k, ++i) {
      CHECK(samples(k, 1, 2) == static_cast<double>(i));
      CHECK(targets(k, 1) == static_cast<float>(10 * i));
    }
  }
  CHECK(i == 5);

  const data::Dataset scalars(Tensor<float, dyn>{1.f, 2.f, 3.f}, data::Labels{0, 1, 0});
  for (auto [samples, labels] : batches<3>(scalars)) {
    static_assert(std::is_same_v<decltype(samples), const Tensor<float, 3>&>);
    CHECK(samples(2) == 3);
  }
}

TEST_CASE("batches: after the first epoch nothing is allocated", "[data][batches]") {
  const auto set = numbered(50);
  Rng rng(3);
  auto epochs = batches(set, 8, rng);
  auto some = batches<8>(set, rng);
  Arena arena;
  const auto epoch = [&] {
    for (auto [samples, labels] : epochs) {
      Step step(arena);
      (void)step.input(samples);
    }
    for (auto batch : some) (void)batch;
  };
  epoch();
  const Index before = data_test::allocations();
  epoch();
  CHECK(data_test::allocations() == before);
}

TEST_CASE("batches: a batch is borrowed until the next one", "[data][batches]") {
  const auto set = numbered(10);
  std::optional<View<float, 2>> kept;
  int count = 0;
  for (auto [samples, labels] : batches(set, 5)) {
    if (kept) CHECK(data_test::contains(message_of([&] { (void)(*kept)(0); }), "stale handle"));
    kept = samples(0);
    CHECK((*kept)(0) == static_cast<float>(5 * count++));
  }
  CHECK(count == 2);
  CHECK(data_test::contains(message_of([&] { (void)(*kept)(0); }), "stale handle"));

  const auto reads_late = [&] {
    auto epochs = batches(set, 5);
    auto it = epochs.begin();
    auto lazy = (*it).features * 2.f;
    ++it;
    Tensor result = lazy;
  };
  CHECK_THROWS_AS(reads_late(), OwnershipError);
}

TEST_CASE("batches: a step that was lent a batch must end before the next one", "[data][batches]") {
  const auto set = numbered(10);
  Arena arena;
  auto epochs = batches(set, 5);
  auto it = epochs.begin();
  {
    Step step(arena);
    Value x = step.input((*it).features);
    CHECK_THROWS_AS(++it, OwnershipError);
    CHECK(x(4, 0) == 4);  // what the step was lent has not changed
    CHECK((*it).features(4, 0) == 4);
  }
  ++it;
  CHECK((*it).features(4, 0) == 9);
}

TEST_CASE("batches: the set may move, but not go or be written", "[data][batches]") {
  std::optional<data::Dataset<Tensor<float, dyn, 2>>> set(numbered(10));
  auto epochs = batches(*set, 5);
  auto moved = std::move(*set);
  set.reset();
  CHECK(order_of(epochs) == counting(10));
  {
    auto writer = moved.mut_features();
    CHECK_THROWS_AS(epochs.begin(), OwnershipError);
  }
  CHECK(order_of(epochs) == counting(10));
  { const auto gone = std::move(moved); }
  CHECK_THROWS_AS(epochs.begin(), OwnershipError);
}

TEST_CASE("batches: sizes that make no batch are refused", "[data][batches]") {
  const auto set = numbered(10);
  Rng rng(1);
  CHECK(data_test::contains(message_of([&] { (void)batches(set, 0, rng); }), "the batch size is 0"));
  CHECK_THROWS_AS(batches(set, -3), ValueError);
  CHECK(data_test::contains(message_of([&] { (void)batches<16>(set, rng); }), "10 samples make no batch of 16"));
}

TEST_CASE("map: changes the copy in the batch, not the set", "[data][map]") {
  const auto set = numbered(10);
  const auto doubled = data::map(set, [](auto sample) { sample *= 2.f; });
  CHECK(doubled.size() == 10);
  Index i = 0;
  for (auto [samples, labels] : batches(doubled, 4))
    for (Index k = 0; k < labels.size(); ++k, ++i) CHECK(samples(k, 0) == static_cast<float>(2 * i));
  CHECK(order_of(batches(set, 4)) == counting(10));
}

TEST_CASE("map: what is drawn depends on seed, epoch and sample only", "[data][map]") {
  const auto set = numbered(20);
  const auto noisy = data::map(set, [](MutView<float, 2> sample, Rng& rng) { sample(1) = rng.uniform(); });
  const auto draws = [](auto&& epochs) {
    std::map<float, float> of;
    for (auto [samples, labels] : epochs)
      for (Index k = 0; k < labels.size(); ++k) of[samples(k, 0)] = samples(k, 1);
    return of;
  };
  Rng a(4), b(4), c(5);
  auto first = batches(noisy, 3, a);
  auto other_size = batches(noisy, 7, b);
  const auto epoch1 = draws(first), epoch2 = draws(first);
  CHECK(epoch1 == draws(other_size));
  CHECK(epoch2 == draws(other_size));
  CHECK(epoch1 != epoch2);
  CHECK(epoch1 != draws(batches(noisy, 3, c)));
  CHECK(draws(batches(noisy, 3)) == draws(batches(noisy, 5)));
  std::set<float> different;
  for (const auto& [sample, draw] : epoch1) different.insert(draw);
  CHECK(different.size() == 20);
}

TEST_CASE("map: maps of maps draw independently", "[data][map]") {
  const auto set = numbered(20);
  const auto draw_first = [](auto sample, Rng& rng) { sample(0) = rng.uniform(); };
  const auto draw_second = [](auto sample, Rng& rng) { sample(1) = rng.uniform(); };
  Rng rng(4);
  for (auto [samples, labels] : batches(data::map(data::map(set, draw_first), draw_second), 20, rng))
    for (Index k = 0; k < 20; ++k) CHECK(samples(k, 0) != samples(k, 1));
}
