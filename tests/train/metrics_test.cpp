#include "tenon/train/metrics.hpp"

#include <cmath>
#include <limits>

#include "tenon/autodiff/step.hpp"
#include "tenon/base/random.hpp"
#include "tenon/op/multiply.hpp"
#include "tests/catch.hpp"

using namespace tenon;
using train::accuracy;
using train::ConfusionMatrix;
using train::correct_count;

namespace {
using Labels = Tensor<std::int32_t, dyn>;
struct Case {
  Tensor<float, dyn, dyn> scores;
  Labels labels;
  std::vector<Index> predicted;
  Index correct = 0;
};
/// Random scores and labels, and what they come to by the plainest of loops.
Case random_case(Index n, Index k, std::uint64_t seed) {
  Case c{Tensor<float, dyn, dyn>({n, k}), Labels({n}), {}};
  Rng rng(seed);
  for (Index i = 0; i < n; ++i) {
    Index best = 0;
    for (Index j = 0; j < k; ++j) {
      c.scores.mut()(i, j) = static_cast<float>(rng.below(5));  // with ties
      if (c.scores(i, j) > c.scores(i, best)) best = j;
    }
    c.labels.mut()(i) = static_cast<std::int32_t>(rng.below(k));
    c.predicted.push_back(best);
    c.correct += best == c.labels(i);
  }
  return c;
}
bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
}  // namespace

TEST_CASE("metrics: correct predictions as a plain loop counts them", "[train][metrics]") {
  const Index n = GENERATE(1, 2, 17, 100), k = GENERATE(1, 2, 10);
  const auto c = random_case(n, k, 3);
  CHECK(correct_count(c.scores, c.labels) == c.correct);
  CHECK(accuracy(c.scores, c.labels) == static_cast<double>(c.correct) / static_cast<double>(n));
  Tensor<std::int64_t, dyn> classes({n});
  for (Index i = 0; i < n; ++i) classes.mut()(i) = c.predicted[static_cast<std::size_t>(i)];
  CHECK(correct_count(classes, c.labels) == c.correct);
}

TEST_CASE("metrics: views, values and expressions are as good as tensors", "[train][metrics]") {
  const auto c = random_case(12, 4, 5);
  CHECK(correct_count(c.scores.view(), c.labels.view()) == c.correct);
  CHECK(correct_count(c.scores * 2.f, c.labels) == c.correct);
  Index odd = 0;
  for (Index i = 1; i < 12; i += 2) odd += c.predicted[static_cast<std::size_t>(i)] == c.labels(i);
  CHECK(correct_count(c.scores(range(1, 12, 2)), c.labels(range(1, 12, 2))) == odd);
  Arena arena;
  Scope scope(arena);
  const Value x = scope.input(c.scores);
  CHECK(correct_count(x, c.labels) == c.correct);
  CHECK(correct_count(x * 2.f, c.labels) == c.correct);
}

TEST_CASE("metrics: NaN counts as the largest score", "[train][metrics]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor<float, 3, 3> x = {{1, nan, 3}, {nan, 5, nan}, {1, 2, 3}};
  const Tensor<std::int32_t, 3> y = {1, 0, 2};
  CHECK(correct_count(x, y) == 3);
}

TEST_CASE("metrics: no samples, or not as many labels", "[train][metrics]") {
  const Tensor<float, dyn, 3> none({0, 3});
  CHECK(correct_count(none, Labels({0})) == 0);
  CHECK(std::isnan(accuracy(none, Labels({0}))));
  const Tensor<float, dyn, 3> two({2, 3});
  CHECK_THROWS_AS(accuracy(two, Labels{0, 1, 2}), ShapeError);
}

TEST_CASE("confusion: counts, recall and precision as plain loops give them", "[train][metrics]") {
  const Index k = 4;
  const auto c = random_case(50, k, 11);
  ConfusionMatrix m(k);
  m.add(c.scores(range(20)), c.labels(range(20)));
  m.add(c.scores(range(20, 50)), c.labels(range(20, 50)));
  CHECK(m.total() == 50);
  CHECK(m.correct() == c.correct);
  CHECK(m.accuracy() == static_cast<double>(c.correct) / 50);
  for (Index a = 0; a < k; ++a) {
    Index of_class = 0, taken_for = 0;
    for (Index b = 0; b < k; ++b) {
      Index n = 0;
      for (Index i = 0; i < 50; ++i) n += c.labels(i) == a && c.predicted[static_cast<std::size_t>(i)] == b;
      CHECK(m(a, b) == n);
    }
    for (Index i = 0; i < 50; ++i) {
      of_class += c.labels(i) == a;
      taken_for += c.predicted[static_cast<std::size_t>(i)] == a;
    }
    CHECK(m.recall(a) == static_cast<double>(m(a, a)) / static_cast<double>(of_class));
    CHECK(m.precision(a) == static_cast<double>(m(a, a)) / static_cast<double>(taken_for));
  }
}

TEST_CASE("confusion: the table is aligned", "[train][metrics]") {
  ConfusionMatrix m({"cat", "dog", "elephant"});
  for (int i = 0; i < 120; ++i) m.add(0, 0);
  for (int i = 0; i < 30; ++i) m.add(1, 0);
  for (int i = 0; i < 50; ++i) m.add(1, 1);
  CHECK(m.to_string() ==
        "           |    0    1    2 | recall\n"
        "-----------+----------------+-------\n"
        "0 cat      |  120   30    . |   80.0\n"
        "1 dog      |    .   50    . |    100\n"
        "2 elephant |    .    .    . |      -\n"
        "-----------+----------------+-------\n"
        "precision  |  100 62.5    - |   85.0\n");
  ConfusionMatrix large(2);
  for (int i = 0; i < 100000; ++i) large.add(0, i == 0 ? 1 : 0);
  CHECK(contains(large.to_string(), "0         | 99999     . |    100\n"));  // wider counts, wider columns
  CHECK(contains(large.to_string(), "precision |  99.9     - |   99.9\n"));  // nearly all is not all
  CHECK(contains(ConfusionMatrix(2).to_string(), "1         |    .    . |      -\n"));
}

TEST_CASE("confusion: what is no class is refused", "[train][metrics]") {
  ConfusionMatrix m(3);
  CHECK_THROWS_AS(m.add(3, 0), ValueError);
  CHECK_THROWS_AS(m.add(0, 3), ValueError);
  CHECK_THROWS_AS(m.add(0, -1), ValueError);
  CHECK_THROWS_AS(ConfusionMatrix(0), ValueError);
  CHECK_THROWS_AS(m.add(Tensor<float, dyn, 3>({2, 3}), Labels{0, 7}), ValueError);
  CHECK(m.total() == 1);  // the first of them, whose label was 0
}
