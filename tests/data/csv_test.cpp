#include "tenon/data/csv.hpp"

#include "tests/catch.hpp"
#include "tests/data/sets.hpp"

using namespace tenon;
using data::from_csv;
using data_test::contains;
using data_test::message_of;

namespace {
io::CsvTable<float> table(std::string_view text) { return io::parse_csv<float>(text); }
}  // namespace

TEST_CASE("from_csv: the label may stand in any column", "[data][csv]") {
  const auto last = from_csv<2>(table("1,2,0\n3,4,1\n5,6,2\n"), -1);
  static_assert(std::is_same_v<decltype(last), const data::Dataset<Tensor<float, dyn, 2>>>);
  CHECK(last.features().to_vector() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(last.labels().to_vector() == std::vector<std::int32_t>{0, 1, 2});
  CHECK(last.classes() == 3);
  const auto first = from_csv<2>(table("0,1,2\n1,3,4\n"), 0, 10);
  CHECK(first.features().to_vector() == std::vector<float>{1, 2, 3, 4});
  CHECK(first.classes() == 10);
  const auto middle = from_csv<2>(table("1,0,2\n3,1,4\n"), 1, 0, 0.5f);
  CHECK(middle.features().to_vector() == std::vector<float>{0.5f, 1, 1.5f, 2});
}

TEST_CASE("from_csv: samples in another shape, or of run-time length", "[data][csv]") {
  const auto t = table("1,2,3,4,5,6,0\n7,8,9,10,11,12,1\n");
  const auto square = from_csv<2, 3>(t, -1);
  CHECK(square.features()(1, 1, 0) == 10);
  const auto open = from_csv<2, dyn>(t, -1);
  CHECK(open.features().shape()[2] == 3);
  const auto flat = from_csv(t, 6);
  static_assert(std::is_same_v<decltype(flat), const data::Dataset<Tensor<float, dyn, dyn>>>);
  CHECK(flat.features()(1, 5) == 12);
  CHECK(contains(message_of([&] { from_csv<64>(t, -1); }), "a sample has shape (6,) but the type asks for (64,)"));
  CHECK_THROWS_AS((from_csv<4, dyn>(t, -1)), ShapeError);
  CHECK_THROWS_AS((from_csv<dyn, dyn>(t, -1)), ShapeError);
}

TEST_CASE("from_csv: what is no label is refused", "[data][csv]") {
  CHECK(contains(message_of([] { from_csv<1>(table("1,0\n1,1.5\n"), 1); }), "the label of sample 1 is 1.5"));
  CHECK_THROWS_AS(from_csv<1>(table("1,-1\n"), 1), ValueError);
  CHECK_THROWS_AS(from_csv<1>(table("1,nan\n"), 1), ValueError);
  CHECK_THROWS_AS(from_csv<1>(table("1,1e30\n"), 1), ValueError);
  CHECK(contains(message_of([] { from_csv<1>(table("1,7\n"), 1, 7); }), "sample 0 has label 7 of 7 classes"));
  CHECK(contains(message_of([] { from_csv<1>(table("1,7\n"), 2); }), "label column 2 of a table with 2 columns"));
  CHECK_THROWS_AS(from_csv<1>(table("1,7\n"), -3), ShapeError);
}

TEST_CASE("from_csv: tables without rows or features", "[data][csv]") {
  const auto empty = from_csv<2>(io::parse_csv<float>("a,b,c\n", "x", {.header = true}), -1);
  CHECK(empty.size() == 0);
  const auto bare = from_csv(table("0\n1\n"), 0);
  CHECK(bare.size() == 2);
  CHECK(bare.features().size() == 0);
}
