// How often loops run, and what is harmless to write: rows of named and temporary operands.
#include <thread>
#include <tuple>

#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

using Row = tn::Tensor<float, 3>;
/// Loops run since it was made.
class Loops {
 public:
  Index count() const { return tn::counters().loops - start_; }

 private:
  Index start_ = tn::counters().loops;
};
void check_elements(const Row& y, float (*f)(float)) {
  for (Index i = 0; i < 3; ++i) CHECK(y(i) == Approx(f(static_cast<float>(i + 1))));
}
Row one_to_three() { return {1, 2, 3}; }
float line(float x) { return 2 * x + 1; }
float bent(float x) { return std::tanh(line(x)) + line(x); }
auto bend(const auto& x) { return tanh(x) + x; }
template <class X> std::string error_of(X&& f) {
  try {
    f();
  } catch (const tn::OwnershipError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("expression: temporaries fuse into one loop", "[tensor][expression]") {
  const Row a = one_to_three();
  Loops n;
  const Row y = tanh(2 * a + 1);
  CHECK(n.count() == 1);
  check_elements(y, [](float x) { return std::tanh(line(x)); });
}
TEST_CASE("expression: a name is evaluated once", "[tensor][expression]") {
  const Row a = one_to_three();
  Loops n;
  auto h = 2 * a + 1;
  CHECK(n.count() == 0);
  const Row y = tanh(h) + h;
  CHECK(n.count() == 2);
  check_elements(y, bent);
}
TEST_CASE("expression: a moved name fuses", "[tensor][expression]") {
  const Row a = one_to_three();
  Loops n;
  auto h = 2 * a + 1;
  const Row y = tanh(std::move(h));
  CHECK(n.count() == 1);
  check_elements(y, [](float x) { return std::tanh(line(x)); });
}
TEST_CASE("expression: a generic function may use its argument twice and return what it makes",
          "[tensor][expression]") {
  const Row a = one_to_three();
  Loops n;
  auto kept = bend(2 * a + 1);
  const Row y = std::move(kept);
  CHECK(n.count() == 2);
  check_elements(y, bent);
}
TEST_CASE("expression: a local name may be returned inside another expression", "[tensor][expression]") {
  const Row a = one_to_three();
  auto f = [](const Row& x) {
    auto h = 2 * x + 1;
    return tanh(h) + h;
  };
  Loops n;
  const Row y = f(a);
  CHECK(n.count() == 2);
  check_elements(y, bent);
}
TEST_CASE("expression: a copy is a use by name and shares the result", "[tensor][expression]") {
  const Row a = one_to_three();
  Loops n;
  auto h = 2 * a + 1;
  auto captured = [h] { return tn::Tensor(tanh(h)); };
  CHECK(n.count() == 1);
  const Row y = captured(), z = captured();
  auto by_value = [](auto x) { return tn::Tensor(x + x); };
  const Row twice = by_value(h);
  CHECK(n.count() == 4);  // h, two tanh, one sum
  check_elements(z, [](float x) { return std::tanh(line(x)); });
  check_elements(twice, [](float x) { return 2 * line(x); });
}
TEST_CASE("expression: a name moved into a closure is a name there", "[tensor][expression]") {
  const Row a = one_to_three();
  Loops n;
  auto h = 2 * a + 1;
  auto captured = [h = std::move(h)] { return tn::Tensor(tanh(h)); };
  captured();
  captured();
  CHECK(n.count() == 3);
}
TEST_CASE("expression: in pairs and structs each is evaluated once", "[tensor][expression]") {
  const Row a = one_to_three();
  Loops n;
  auto [p, q] = std::pair(2 * a, a + 1);
  const Row y = p + q, z = p * q;
  CHECK(n.count() == 4);
  check_elements(y, [](float x) { return 3 * x + 1; });
  check_elements(z, [](float x) { return 2 * x * (x + 1); });
}
TEST_CASE("expression: names are fetched before temporaries", "[tensor][expression]") {
  const Row a = one_to_three();
  auto h = 2 * a + 1;
  const Row y = h + std::move(h);
  auto g = 2 * a + 1;
  const Row z = std::move(g) + g;
  check_elements(y, [](float x) { return 2 * line(x); });
  check_elements(z, [](float x) { return 2 * line(x); });
}
TEST_CASE("expression: moving a name after a use by name computes it again, and that is counted",
          "[tensor][expression]") {
  const Row a = one_to_three();
  const Index before = tn::counters().repeated_formulas;
  auto h = 2 * a + 1;
  const Row y = tanh(h), z = tanh(std::move(h));
  CHECK(tn::counters().repeated_formulas - before == 1);
  CHECK(y.to_vector() == z.to_vector());
}
TEST_CASE("expression: a result that nobody else holds becomes the tensor's storage", "[tensor][expression]") {
  const Row a = one_to_three();
  auto h = 2 * a + 1;
  (void)h.evaluated();
  Loops n;
  const Row y = std::move(h);
  CHECK(n.count() == 0);
  check_elements(y, line);
}
TEST_CASE("expression: what it reads must not change before it is evaluated", "[tensor][expression]") {
  Row a = one_to_three();
  auto h = 2 * a + 1;
  a.mut()(0) = 9;
  CHECK_THAT(error_of([&] { Row y = tanh(h); }), Catch::Contains("modified"));
}
TEST_CASE("expression: once evaluated it keeps its value", "[tensor][expression]") {
  Row a = one_to_three();
  auto h = 2 * a + 1;
  const Row before = tanh(h);
  a.mut()(0) = 9;
  const Row after = tanh(h);
  CHECK(before.to_vector() == after.to_vector());
}
TEST_CASE("expression: one that outlives a named tensor is an error, a moved-in tensor lives on",
          "[tensor][expression]") {
  auto dangling = [] {
    const Row local = one_to_three();
    return tanh(local);
  };
  CHECK(error_of([&] { Row y = dangling(); }) != "no error");
  auto owning = [] {
    Row local = one_to_three();
    return 2 * std::move(local) + 1;
  };
  const Row y = owning();
  check_elements(y, line);
}
TEST_CASE("expression: a moved-from one is an error", "[tensor][expression]") {
  const Row a = one_to_three();
  auto h = 2 * a + 1;
  auto g = std::move(h);
  CHECK_THAT(error_of([&] { Row y = tanh(h); }), Catch::Contains("moved from"));
  const Row y = tanh(g);
  CHECK(y.size() == 3);
}
TEST_CASE("expression: it belongs to its thread", "[tensor][expression]") {
  const Row a = one_to_three();
  auto h = 2 * a + 1;
  std::string error;
  std::thread([&] { error = error_of([&] { Row y = tanh(h); }); }).join();
  CHECK_THAT(error, Catch::Contains("another thread"));
}
TEST_CASE("expression: broadcasting follows NumPy, run-time extents included", "[tensor][expression]") {
  const tn::Tensor<float, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};
  const tn::Tensor<float, 2, 1> column = {{10}, {20}};
  const Row row = {100, 200, 300};
  const tn::Tensor y = a + column + row;
  STATIC_REQUIRE(std::is_same_v<decltype(y), const tn::Tensor<float, 2, 3>>);
  CHECK(y.to_vector() == std::vector<float>{111, 212, 313, 124, 225, 326});
  tn::Tensor<float, tn::dyn, tn::dyn> one({1, 3}), two({4, 1});
  one.mut() = row;
  two.mut() = 1;
  const tn::Tensor z = one * two;
  CHECK(tn::to_string(z.shape()) == "(4, 3)");
  CHECK(z(3, 1) == 200);
  tn::Tensor<float, tn::dyn, tn::dyn> three({3, 2});
  CHECK_THROWS_AS(one + three, tn::ShapeError);
}
TEST_CASE("expression: eval gives a name that is evaluated", "[tensor][expression]") {
  const Row a = one_to_three();
  Loops n;
  auto h = tn::eval(2 * a + 1);
  CHECK(n.count() == 1);
  const Row y = tanh(h) + h;
  CHECK(n.count() == 2);
  check_elements(y, bent);
}
TEST_CASE("expression: items", "[tensor][expression]") {
  const tn::Tensor<float> scalar = 3;
  const float f = scalar * 2;
  CHECK(f == 6);
  CHECK((scalar + 1).item() == 4);
  const Row a = one_to_three();
  CHECK_THROWS_AS((a + 1).item(), tn::ShapeError);
}
TEST_CASE("expression: shapes known to the compiler meet run-time ones of the same rank", "[tensor][expression]") {
  const tn::Tensor<float, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};
  const tn::Tensor<float, tn::dyn, 3> b = {{10, 20, 30}, {40, 50, 60}}, row = {{100, 200, 300}};
  const tn::Tensor y = a + b;
  STATIC_REQUIRE(std::is_same_v<decltype(y), const tn::Tensor<float, 2, 3>>);
  CHECK(y.to_vector() == std::vector<float>{11, 22, 33, 44, 55, 66});
  CHECK(tn::Tensor(a + row).to_vector() == std::vector<float>{101, 202, 303, 104, 205, 306});
}
TEST_CASE("expression: a static column meets run-time extents, one column of them included", "[tensor][expression]") {
  const tn::Tensor<float, 4, 1> column = {{1}, {2}, {3}, {4}};
  for (const Index n : {0, 1, 3, 17}) {
    tn::Tensor<float, tn::dyn, tn::dyn> wide({4, n});
    wide.mut() = 10;
    const tn::Tensor y = wide + column;
    REQUIRE(y.size() == 4 * n);
    for (Index i = 0; i < 4; ++i)
      for (Index k = 0; k < n; ++k) CHECK(y(i, k) == 11 + static_cast<float>(i));
  }
}
