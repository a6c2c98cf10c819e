#include "tenon/nn/embedding.hpp"

#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

template <class I> tn::Tensor<I, dyn, dyn> indices(Index n, Index m, Index rows) {
  tn::Tensor<I, dyn, dyn> k({n, m});
  for (Index i = 0; i < n * m; ++i) k.mut().data()[i] = static_cast<I>((7 * i + 2) % rows);
  return k;
}
template <class I> void check_rows(Index dim) {
  tn::Rng rng(1);
  const auto table = tn::uniform<float>(rng, {5, dim}, -1.f, 1.f);
  const auto k = indices<I>(4, 3, 5);
  const tn::Tensor y = tn::embedding(table, k), turned = tn::embedding(table, tn::transpose(k));
  const tn::Tensor gaps = tn::embedding(tn::transpose(table), tn::Tensor<I, 1>{0});
  REQUIRE(y.shape().extents() == std::array<Index, 3>{4, 3, dim});
  REQUIRE(gaps.shape().extents() == std::array<Index, 2>{1, 5});
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 3; ++j)
      for (Index d = 0; d < dim; ++d) {
        CHECK(y(i, j, d) == table(static_cast<Index>(k(i, j)), d));
        CHECK(turned(j, i, d) == y(i, j, d));
      }
  CHECK(gaps(0, 3) == table(3, 0));
}

}  // namespace

TEST_CASE("embedding: rows of the table, for indices of any integer type, rank and layout", "[op][embedding]") {
  check_rows<std::int64_t>(1);
  check_rows<std::int32_t>(17);
  check_rows<std::uint8_t>(40);
  const tn::Tensor<double, 2, 3> table = {{1, 2, 3}, {4, 5, 6}};
  const tn::Tensor row = tn::embedding(table, tn::Tensor<std::int32_t>(1));
  STATIC_REQUIRE(std::is_same_v<std::remove_const_t<decltype(row)>, tn::Tensor<double, 3>>);
  CHECK(row(2) == 6);
  CHECK(tn::Tensor(tn::embedding(table, tn::Tensor<std::int32_t, dyn>({0}))).size() == 0);
  CHECK(tn::Tensor(tn::embedding(tn::Tensor<float, dyn, dyn>({0, 3}), tn::Tensor<std::int32_t, dyn>({0}))).size() == 0);
}

TEST_CASE("embedding: each row's gradient is the sum over its places", "[op][embedding][grad]") {
  tn::Rng rng(2);
  const auto table = tn::uniform<double>(rng, {5, 3}, -1.0, 1.0);
  const auto k = indices<std::int32_t>(4, 3, 4);  // row 4 is never read
  const auto f = [&](const auto& t) { return tn::embedding(t, k) * tn::embedding(t, k); };
  const auto first = tn::gradcheck(f, table), second = tn::gradgradcheck(f, table);
  INFO(to_string(first) << "\n" << to_string(second));
  CHECK((first.ok && second.ok));

  tn::nn::Embedding<6, 70> layer;
  tn::nn::init(layer, rng);
  tn::Arena arena;
  tn::Step step(arena, layer);
  const auto c = tn::uniform<float>(rng, {4, 3, 70}, -1.f, 1.f);
  const tn::Value y = layer(step.input(k)), z = layer(k + 0);
  std::move(step).backward(tn::sum(y * c) + tn::sum(z));
  for (Index r = 0; r < 6; ++r)
    for (Index d = 0; d < 70; ++d) {
      double want = 0;
      for (Index i = 0; i < 4; ++i)
        for (Index j = 0; j < 3; ++j)
          if (k(i, j) == r) want += static_cast<double>(c(i, j, d)) + 1;
      CHECK(layer.weight.gradient()(r, d) == Approx(want).margin(1e-6));
    }
}

TEST_CASE("embedding: a bad index is named before anything is recorded", "[op][embedding]") {
  tn::nn::Embedding<dyn, dyn> layer(5, 2);
  tn::Arena arena;
  tn::Step step(arena, layer);
  auto k = indices<std::int32_t>(4, 3, 5);
  for (const int bad : {5, 700, -1}) {
    k.mut()(2, 1) = bad;
    const auto error = error_of<tn::ValueError>([&] { (void)tn::Value(layer(k)); });
    CHECK(says(error, "tenon::embedding: index " + std::to_string(bad) + " at (2, 1) is outside [0, 5)"));
  }
  CHECK(step.node_count() == 0);
  CHECK_THROWS_AS((tn::nn::Embedding<dyn, dyn>(-1, 2)), tn::ShapeError);
}
