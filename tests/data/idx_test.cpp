#include "tenon/data/idx.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/data/sets.hpp"

using namespace tenon;
using data::from_idx;
using data_test::contains;
using data_test::message_of;

namespace {
io::IdxData bytes(std::vector<Index> shape, std::vector<int> values) {
  io::IdxData d;
  d.shape = std::move(shape);
  for (int v : values) d.bytes.push_back(static_cast<std::byte>(v));
  return d;
}
const auto images = bytes({2, 2, 3}, {0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6});
const auto labels = bytes({2}, {3, 9});
}  // namespace

TEST_CASE("from_idx: bytes become numbers in [0, 1]", "[data][idx]") {
  const auto set = from_idx<6>(images, labels);
  static_assert(std::is_same_v<decltype(set), const data::Dataset<Tensor<float, dyn, 6>>>);
  for (Index i = 0; i < 6; ++i) CHECK(std::fabs(set.features()(0, i) - static_cast<float>(i) / 5) < 1e-6f);
  CHECK(set.features()(0, 5) == 1);
  CHECK(set.labels().to_vector() == std::vector<std::int32_t>{3, 9});
  CHECK(set.classes() == 10);
  CHECK(from_idx<6>(images, labels, 12).classes() == 12);
  CHECK(from_idx<6>(images, labels, 0, 1.f).features()(1, 5) == 6);
}

TEST_CASE("from_idx: the shape is the caller's", "[data][idx]") {
  CHECK(from_idx<2, 3>(images, labels).features()(0, 1, 2) == 1);
  CHECK(from_idx<1, 2, 3>(images, labels).features()(0, 0, 1, 2) == 1);
  CHECK(from_idx<dyn, dyn>(images, labels).features().shape().extents() == std::array<Index, 3>{2, 2, 3});
  CHECK(from_idx(images, labels).features().shape().extents() == std::array<Index, 2>{2, 6});
  CHECK(contains(message_of([] { from_idx<784>(images, labels); }),
                 "a sample has shape (2, 3) but the type asks for (784,)"));
  CHECK_THROWS_AS((from_idx<2, 2>(images, labels)), ShapeError);
}

TEST_CASE("from_idx: files that do not belong together are refused", "[data][idx]") {
  CHECK(contains(message_of([] { from_idx<6>(images, bytes({3}, {1, 2, 3})); }), "2 samples but 3 labels"));
  CHECK(contains(message_of([] { from_idx<6>(labels, images); }), "check that the files are not exchanged"));
  CHECK(contains(message_of([] { from_idx<6>(images, labels, 5); }), "sample 1 has label 9 of 5 classes"));
}

TEST_CASE("from_idx: labels in floating point are whole numbers or refused", "[data][idx]") {
  auto floats = [](std::initializer_list<float> values) {
    io::IdxData d;
    d.type = io::IdxType::float32;
    d.shape = {static_cast<Index>(values.size())};
    d.bytes.resize(values.size() * sizeof(float));
    std::memcpy(d.bytes.data(), values.begin(), d.bytes.size());
    return d;
  };
  CHECK(from_idx<6>(images, floats({3, 9})).labels().to_vector() == std::vector<std::int32_t>{3, 9});
  for (const float bad : {1.5f, -1.f, NAN, INFINITY, 1e30f}) {
    CAPTURE(bad);
    CHECK(contains(message_of([&] { from_idx<6>(images, floats({0, bad})); }), "a label is a whole number"));
  }
}

TEST_CASE("from_idx: extents whose product is no number, beside one of 0, are refused", "[data][idx]") {
  const Index most = 0xffffffff;
  const auto none = bytes({0, most, most, most}, {}), no_labels = bytes({0}, {});
  CHECK_THROWS_AS(from_idx(none, no_labels), ShapeError);
  CHECK_THROWS_AS(from_idx<784>(none, no_labels), ShapeError);
  CHECK_THROWS_AS((from_idx<dyn, dyn, dyn>(none, no_labels)), ShapeError);
  CHECK(from_idx<6>(bytes({0, 2, 3}, {}), no_labels).size() == 0);
}
