// Every rank from 0 to 6, and empty tensors of each, through what rank 2 and 3 exercise elsewhere.
#include <tuple>

#include "tenon/autodiff/value_and_grad.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/argmax.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/prod.hpp"
#include "tenon/op/softmax.hpp"
#include "tenon/op/square.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/make.hpp"
#include "tenon/tensor/print.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

template <std::size_t R> using At = std::array<Index, R>;
template <std::size_t R> constexpr At<R> extents() {
  constexpr Index all[] = {2, 3, 1, 4, 2, 3};
  At<R> e{};
  for (std::size_t d = 0; d < R; ++d) e[d] = all[d];
  return e;
}
/// e with 1 in the dimensions of `axes` (bits).
template <std::size_t R> At<R> flattened(At<R> e, unsigned axes) {
  for (std::size_t d = 0; d < R; ++d) e[d] = ((axes >> d) & 1u) != 0 ? 1 : e[d];
  return e;
}
/// Elements 1, 2, 3... times `step`, modulo 7: small whole numbers, so that sums are exact.
template <std::size_t R> auto counted(const At<R>& e, Index step) {
  auto t = tn::zeros<double>(tn::dyn_shape_t<R>(e));
  auto w = t.mut();
  for (Index i = 0; i < t.size(); ++i) w.data()[i] = static_cast<double>((i + 1) * step % 7);
  return t;
}
template <std::size_t R, class F> void for_each_index(const At<R>& e, F f) {
  Index n = 1;
  for (Index x : e) n *= x;
  for (Index k = 0; k < n; ++k) {
    At<R> i{};
    Index rest = k;
    for (std::size_t d = R; d-- > 0; rest /= e[d]) i[d] = rest % e[d];
    f(i);
  }
}
template <std::size_t R> At<R> turned(At<R> i) {
  for (std::size_t d = 0; d < R / 2; ++d) std::swap(i[d], i[R - 1 - d]);
  return i;
}
template <class T, std::size_t R> auto element(const T& t, const At<R>& i) { return std::apply(t, i); }
template <class X, std::size_t... D> auto turn(const X& x, std::index_sequence<D...>) {
  return tn::permute(x, tn::axis<(static_cast<int>(sizeof...(D)) - 1 - static_cast<int>(D))...>);
}
template <class X, std::size_t... D> auto backwards(const X& x, std::index_sequence<D...>) {
  return x(tn::ellipsis, (static_cast<void>(D), tn::range(-1, tn::Range::open, -1))...);
}

template <std::size_t R> void check_order() {
  constexpr auto e = extents<R>();
  const auto t = counted(e, 3);
  const auto dims = std::make_index_sequence<R>{};
  const tn::Tensor y = 2 * turn(t, dims) + 1, z(backwards(t, dims)), again(turn(turn(t, dims), dims));
  for_each_index(e, [&](const At<R>& i) {
    At<R> opposite = i;
    for (std::size_t d = 0; d < R; ++d) opposite[d] = e[d] - 1 - i[d];
    CHECK(element(y, turned(i)) == 2 * element(t, i) + 1);
    CHECK(element(z, opposite) == element(t, i));
  });
  CHECK(tn::equal(again, t));
  CHECK(tn::equal(tn::reshape(tn::flatten(t), t.shape()), t));
  CHECK(y.to_vector().size() == static_cast<std::size_t>(t.size()));
}
/// x * b, where b repeats along the even dimensions; its sum; both gradients.
template <std::size_t R> void check_broadcast() {
  constexpr auto e = extents<R>();
  const auto x = counted(e, 3), b = counted(flattened(e, 0b010101u), 5);
  const tn::Tensor y = x * b;
  const auto result = tn::value_and_grad([](const auto& p, const auto& q) { return sum(square(p * q)); })(x, b);
  const auto& gx = std::get<0>(result.grad);  // no binding: clang 14 cannot capture those
  const auto& gb = std::get<1>(result.grad);
  auto want_gb = tn::zeros<double>(b.shape());
  double total = 0;
  {
    auto w = want_gb.mut();
    for_each_index(e, [&](const At<R>& i) {
      At<R> j = i;
      for (std::size_t d = 0; d < R; d += 2) j[d] = 0;
      const double p = element(x, i), q = element(b, j);
      CHECK(element(y, i) == p * q);
      CHECK(element(gx, i) == 2 * p * q * q);
      std::apply(w, j) += 2 * p * p * q;
      total += p * q * p * q;
    });
  }
  CHECK(result.value == total);
  CHECK(tn::equal(gb, want_gb));
}
template <std::size_t R, int... Even> void check_folds() {
  constexpr auto e = extents<R>();
  const auto t = counted(e, 4);
  const tn::Tensor kept = tn::sum(t, tn::axis<Even...>, tn::keep_dims);
  auto want = tn::zeros<double>(tn::dyn_shape_t<R>(flattened(e, (0u | ... | (1u << Even)))));
  double most = -1;
  Index place = 0, best = 0;
  {
    auto w = want.mut();
    for_each_index(e, [&](const At<R>& i) {
      At<R> j = i;
      for (const int d : {Even...}) j[static_cast<std::size_t>(d)] = 0;
      const double v = element(t, i);
      std::apply(w, j) += v;
      if (v > most) (most = v, best = place);
      ++place;
    });
  }
  const tn::Tensor dropped = tn::sum(t, tn::axis<Even...>);
  CHECK(tn::equal(kept, want));
  CHECK(tn::equal(dropped, tn::reshape(want, dropped.shape())));
  CHECK(tn::max(t).item() == most);
  CHECK(tn::argmax(t).item() == best);
}
/// Dimension `empty` has extent 0.
template <std::size_t R> void check_empty(std::size_t empty) {
  auto e = extents<R>();
  e[empty] = 0;
  auto t = counted(e, 1);
  const auto dims = std::make_index_sequence<R>{};
  CHECK(t.size() == 0);
  CHECK(t.begin() == t.end());
  CHECK(tn::to_string(t) == "[]");
  CHECK(tn::equal(tn::Tensor(turn(t + t * 2, dims)), turn(t, dims)));
  CHECK(tn::Tensor(backwards(t, dims)).size() == 0);
  CHECK(tn::reshape(t, {0, 7}).size() == 0);
  CHECK(tn::sum(t).item() == 0);
  CHECK(tn::prod(t).item() == 1);
  const tn::Tensor first = tn::sum(t, tn::axis<0>);
  for (const double v : first) CHECK(v == 0);
  CHECK(first.size() == (empty == 0 ? counted(extents<R>(), 1).size() / extents<R>()[0] : 0));
  t.mut() = 3;
  t.mut() += t;
  CHECK(tn::value_and_grad([](const auto& x) { return sum(square(x)); })(t).grad.size() == 0);
  CHECK(tn::Tensor(tn::softmax(t, tn::axis<0>)).size() == 0);
}
template <std::size_t R> void check_empties() {
  for (std::size_t d = 0; d < R; ++d) check_empty<R>(d);
}

}  // namespace

TEST_CASE("rank: elements of rank 0 to 6 keep their places, whatever the order of reading", "[tensor][rank]") {
  check_order<0>();
  check_order<1>();
  check_order<4>();
  check_order<5>();
  check_order<6>();
}
TEST_CASE("rank: broadcasting, and its gradients, up to rank 6", "[tensor][rank]") {
  check_broadcast<0>();
  check_broadcast<5>();
  check_broadcast<6>();
}
TEST_CASE("rank: reductions over several axes up to rank 6", "[tensor][rank]") {
  check_folds<1, 0>();
  check_folds<5, 0, 2, 4>();
  check_folds<6, 0, 2, 4>();
  check_folds<6, 1, 3, 5>();
}
TEST_CASE("rank: an extent of 0 anywhere is no special case", "[tensor][rank]") {
  check_empties<1>();
  check_empties<2>();
  check_empties<6>();
}
TEST_CASE("rank: products of empty batches", "[tensor][rank]") {
  const auto none = tn::zeros<double>(0, 2, 3);
  const auto b = tn::ones<double>(3, 4);
  CHECK(tn::to_string(tn::Tensor(tn::matmul(none, b)).shape()) == "(0, 2, 4)");
  const auto [gx, gb] =
      tn::value_and_grad([](const auto& x, const auto& y) { return sum(matmul(x, y)); })(none, b).grad;
  CHECK(gx.size() == 0);
  for (const double v : gb) CHECK(v == 0);
}
