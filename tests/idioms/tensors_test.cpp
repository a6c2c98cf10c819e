// What one writes every day with tensors, expressions and views: builds without a warning, and means what it says.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/op.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

using Row = tn::Tensor<float, 3>;
using Rows = tn::Tensor<float, tn::dyn, 3>;
Row one_to_three() { return {1, 2, 3}; }
Rows table(Index n) {
  Rows t({n, 3});
  auto w = t.mut();
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < 3; ++j) w(i, j) = static_cast<float>(10 * i + j);
  return t;
}
/// Returns an expression of its argument; and one with a name inside.
auto line(const auto& x) { return 2 * x + 1; }
auto bent(const auto& x) {
  auto h = line(x);
  return tanh(h) + h;
}
/// Returns a tensor on every path.
Row clipped(const Row& x, bool low) {
  if (low) return maximum(x, 2);
  Row y = minimum(x, 2);
  return y;
}
float norm_of(const tn::View<float, 3>& v) { return std::sqrt(sum(v * v).item()); }
struct Standardised {
  Row mean, scale;
  Row operator()(const Row& x) const { return (x - mean) / scale; }
};

}  // namespace

TEST_CASE("idiom: a function makes a tensor", "[idioms][tensors]") {
  const auto x = one_to_three();
  const Row y = one_to_three();
  CHECK(x(2) == y(2));
}
TEST_CASE("idiom: a function returns an expression", "[idioms][tensors]") {
  const Row x = one_to_three();
  const Row y = line(x);
  const tn::Tensor z = bent(x);
  CHECK(y(2) == 7);
  CHECK(z(0) == Approx(std::tanh(3.f) + 3));
}
TEST_CASE("idiom: different paths return tensors", "[idioms][tensors]") {
  CHECK(clipped(one_to_three(), true)(0) == 2);
  CHECK(clipped(one_to_three(), false)(2) == 2);
}
TEST_CASE("idiom: auto everywhere", "[idioms][tensors]") {
  auto x = one_to_three();
  auto a = x * 2;
  auto b = a + x;
  auto c = b - a;
  auto d = sum(c * c);
  const auto total = d.item();
  CHECK(total == 14);
}
TEST_CASE("idiom: reassigning a tensor from itself", "[idioms][tensors]") {
  auto x = one_to_three();
  x = x * 2 + x;
  x = tanh(x * 0) + x;
  CHECK(x(2) == 9);
  auto t = table(4);
  t = t + t;
  t = tn::Tensor(t(tn::range(1, 3)));
  CHECK(t.shape()[0] == 2);
  CHECK(t(0, 0) == 20);
}
TEST_CASE("idiom: writing in place", "[idioms][tensors]") {
  auto x = table(3);
  x.mut() = 1;
  x.mut() += 2;
  x.mut() *= x;
  x.mut()(0, tn::all) = x(1, tn::all) - 8;
  x.mut()(2, 1) = 5;
  x.mut()(tn::all, 0) -= 1;
  CHECK(x(0, 0) == 0);
  CHECK(x(1, 1) == 9);
  CHECK(x(2, 1) == 5);
}
TEST_CASE("idiom: an open borrow in a loop", "[idioms][tensors]") {
  auto x = table(3);
  {
    auto w = x.mut();
    for (Index i = 0; i < 3; ++i)
      for (Index j = 0; j < 3; ++j) w(i, j) += 0.5f;
  }
  CHECK(x(2, 2) == 22.5f);
}
TEST_CASE("idiom: views in a loop", "[idioms][tensors]") {
  const auto x = table(4);
  float total = 0;
  for (Index i = 0; i < x.shape()[0]; ++i) {
    const auto row = x(i, tn::all);
    total += sum(row).item() + row(0) + norm_of(row) * 0;
  }
  CHECK(total == 4 * 3 + 18 * 10 + 60);
  auto view = x(0);
  for (Index i = 1; i < 4; ++i) view = x(i);  // a view is a handle
  CHECK(view(0) == 30);
}
TEST_CASE("idiom: range-for over elements", "[idioms][tensors]") {
  const auto x = table(2);
  float total = 0;
  for (const float v : x) total += v;
  for (const auto& v : x) total += v;
  CHECK(total == 2 * 36);
  CHECK(*std::max_element(x.begin(), x.end()) == 12);
}
TEST_CASE("idiom: a vector of tensors", "[idioms][tensors]") {
  std::vector<Row> all;
  for (int k = 0; k < 5; ++k) all.push_back(one_to_three() * static_cast<float>(k));
  all.emplace_back(Row{7, 8, 9});
  all.insert(all.begin(), one_to_three());
  all.erase(all.begin() + 1);
  std::sort(all.begin(), all.end(), [](const Row& a, const Row& b) { return a(0) > b(0); });
  std::reverse(all.begin(), all.end());
  CHECK(all.front()(2) == 3);
  CHECK(all.back()(0) == 7);
  Row total;
  for (const auto& t : all) total = total + t;
  CHECK(total(0) == 1 + 1 + 2 + 3 + 4 + 7);
}
TEST_CASE("idiom: maps, arrays, pairs, tuples", "[idioms][tensors]") {
  std::map<std::string, Row> named;
  named["a"] = one_to_three();
  named.emplace("b", one_to_three() * 2);
  named.try_emplace("c");
  std::array<Row, 2> pair{one_to_three(), Row{}};
  pair[1] = pair[0] + 1;
  auto [p, q] = std::pair(one_to_three(), one_to_three() + 1);
  const std::tuple<Row, int> t(one_to_three(), 3);
  const auto& [row, n] = t;
  CHECK(named["b"](1) == 4);
  CHECK(named["c"](1) == 0);
  CHECK(pair[1](0) == 2);
  CHECK(tn::Tensor(p + q)(0) == 3);
  CHECK(row(2) == static_cast<float>(n));
}
TEST_CASE("idiom: optional, variant, unique_ptr", "[idioms][tensors]") {
  std::optional<Row> maybe;
  CHECK(!maybe);
  maybe = one_to_three();
  maybe.emplace(one_to_three() * 3);
  CHECK((*maybe)(2) == 9);
  CHECK(maybe->size() == 3);
  std::variant<Row, Rows> either = one_to_three();
  either = table(2);
  CHECK(std::get<Rows>(either).size() == 6);
  const auto owned = std::make_unique<Row>(one_to_three());
  CHECK((*owned)(1) == 2);
}
TEST_CASE("idiom: swap, move, exchange", "[idioms][tensors]") {
  auto a = one_to_three();
  Row b = a * 2;
  std::swap(a, b);
  CHECK(a(0) == 2);
  using std::swap;
  swap(a, b);
  Row old = std::exchange(a, Row{9, 9, 9});
  CHECK(old(2) == 3);
  CHECK(a(2) == 9);
  Row moved = std::move(b);
  b = moved.clone();
  CHECK(b(0) == 2);
}
TEST_CASE("idiom: lambdas capture by reference, by move, by expression", "[idioms][tensors]") {
  auto x = one_to_three();
  auto by_reference = [&](float s) -> Row { return x * s; };
  auto by_move = [y = one_to_three()](float s) { return tn::Tensor(y * s); };
  auto h = x + 1;
  auto by_name = [h] { return sum(h).item(); };
  auto generic = [](const auto& a, const auto& b) { return a * b + a; };
  CHECK(by_reference(2)(2) == 6);
  CHECK(by_move(3)(2) == 9);
  CHECK(by_name() == 9);
  CHECK(tn::Tensor(generic(x, x))(1) == 6);
}
TEST_CASE("idiom: a conditional chooses among tensors of one type", "[idioms][tensors]") {
  const auto a = one_to_three();
  const Row b = a * 2;
  for (const bool first : {true, false}) {
    const Row& chosen = first ? a : b;
    const Row made = first ? Row(a + 1) : Row(b + 1);
    const auto view = first ? a.view() : b.view();
    CHECK(chosen(0) == (first ? 1 : 2));
    CHECK(made(0) == (first ? 2 : 3));
    CHECK(view(2) == (first ? 3 : 6));
  }
}
TEST_CASE("idiom: a struct holds tensors", "[idioms][tensors]") {
  const Standardised f{.mean = {1, 2, 3}, .scale = {2, 2, 2}};
  CHECK(f(Row{3, 2, 1})(0) == 1);
  Standardised g{one_to_three(), Row{1, 1, 1}};
  g.scale = g.scale * 4;
  auto h = std::move(g);
  CHECK(h(Row{5, 2, 3})(0) == 1);
}
TEST_CASE("idiom: numbers of every kind meet tensors", "[idioms][tensors]") {
  const auto x = one_to_three();
  const int i = 2;
  const double d = 0.5;
  const unsigned u = 3;
  const Index n = x.size();
  const Row y = x * i + d - 1 / x + u * x / n + 1e-3 - 1.f;
  CHECK(y(0) == Approx(2 + 0.5 - 1 + 1 + 1e-3 - 1));
}
TEST_CASE("idiom: comparisons, masks, where", "[idioms][tensors]") {
  const auto x = one_to_three();
  const Row y = where((x > 1) & (x < 3), -x, x);
  const auto mask = x >= 2;
  CHECK(y(1) == -2);
  CHECK(any(mask).item());
  CHECK(!tn::all(mask).item());
  CHECK(sum(cast<float>(mask)).item() == 2);
}
TEST_CASE("idiom: reductions by axis, shapes kept or not", "[idioms][tensors]") {
  const auto x = table(4);
  const tn::Tensor columns = sum(x, tn::axis<0>);
  const tn::Tensor centred = x - mean(x, tn::axis<0>, tn::keep_dims);
  const float largest = max(x).item(), spread = (max(x) - min(x)).item();
  CHECK(columns(1) == 64);
  CHECK(centred(0, 0) == -15);
  CHECK(largest == 32);
  CHECK(spread == 32);
}
TEST_CASE("idiom: integers and bytes", "[idioms][tensors]") {
  const tn::Tensor<int, 3> i = {1, 2, 3};
  const tn::Tensor<std::uint8_t, 3> bytes = {200, 100, 50};
  const tn::Tensor<int, 3> j = i * 2 + 1 - i;
  const Row scaled = tn::cast<float>(bytes) / 255;
  const tn::Tensor<std::int64_t, 3> wide = tn::cast<std::int64_t>(i) * 4000000000;
  CHECK(j(2) == 4);
  CHECK(scaled(0) == Approx(200.f / 255));
  CHECK(wide(2) == 12000000000);
}
TEST_CASE("idiom: run-time shapes and static ones mix", "[idioms][tensors]") {
  const auto x = table(2);
  const auto r = one_to_three();
  const tn::Tensor<float, 2, 3> fixed = x + r;
  const Rows any = fixed * r;
  const tn::Tensor product = matmul(x, tn::Tensor<float, 3, 2>{{1, 0}, {0, 1}, {1, 1}});
  CHECK(any(1, 2) == 45);
  CHECK(product(1, 0) == 22);
}
TEST_CASE("idiom: rank 0 is a number", "[idioms][tensors]") {
  const auto x = one_to_three();
  const float a = sum(x), b = mean(x);
  double c = sum(x).item();
  c += static_cast<double>(a) + static_cast<double>(b);
  const tn::Tensor<float> s = 2;
  const Row y = x * s;
  if (sum(x).item() > 5) c += 1;
  CHECK(c == 15);
  CHECK(y(1) == 4);
}
TEST_CASE("idiom: copies are written out", "[idioms][tensors]") {
  auto a = one_to_three();
  const auto b = a.clone();
  const tn::Tensor c(a.view());
  const auto d = a(tn::range(0, 2)).clone();
  const std::vector<float> e = a.to_vector();
  a.mut() = 0;
  CHECK(b(0) + c(1) + d(1) + e[2] == 1 + 2 + 2 + 3);
}
TEST_CASE("idiom: a function takes by value, by reference, by view, generically", "[idioms][tensors]") {
  auto by_value = [](Row t) {
    t.mut() += 1;
    return t;
  };
  auto by_reference = [](Row& t) { t.mut() *= 2; };
  auto by_view = [](tn::View<float, tn::dyn, 3> v) { return v(0, 0); };
  auto x = by_value(one_to_three());
  x = by_value(x.clone());
  x = by_value(std::move(x));
  by_reference(x);
  CHECK(x(0) == 8);
  const auto t = table(2);
  CHECK(by_view(t(tn::range(1, 2))) == 10);
}
TEST_CASE("idiom: halves written at the same time", "[idioms][tensors]") {
  auto x = table(4);
  {
    auto [low, high] = x.mut().split(0, 2);
    low = 1;
    high = 2;
  }
  CHECK(x(1, 2) + x(2, 0) == 3);
}
TEST_CASE("idiom: ignoring is explicit", "[idioms][tensors]") {
  auto x = one_to_three();
  static_cast<void>(x * 2);
  [[maybe_unused]] auto later = x + 1;
  for ([[maybe_unused]] const float v : x) continue;
  CHECK(x.size() == 3);
}
