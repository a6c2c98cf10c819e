#include "tenon/io/idx.hpp"

#include "tests/catch.hpp"
#include "tests/io/text_helpers.hpp"

using namespace tenon;
using io::IdxType;
using io_test::contains;
using io_test::message_of;

namespace {
using Bytes = std::vector<std::byte>;

void append(Bytes& out, std::initializer_list<int> values) {
  for (int v : values) out.push_back(static_cast<std::byte>(v));
}
/// A header by the text of the format.
Bytes header(int type, std::initializer_list<std::uint32_t> extents) {
  Bytes out;
  append(out, {0, 0, type, static_cast<int>(extents.size())});
  for (std::uint32_t e : extents) {
    for (int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::byte>(e >> shift));
  }
  return out;
}
std::string error_of(const Bytes& bytes) {
  return message_of([&] { io::parse_idx(bytes, "x.idx"); });
}
}  // namespace

TEST_CASE("idx: bytes with their shape", "[io][idx]") {
  Bytes file = header(8, {2, 3});
  append(file, {1, 2, 3, 4, 5, 255});
  const auto data = io::parse_idx(file);
  CHECK(data.type == IdxType::uint8);
  CHECK(data.shape == std::vector<Index>{2, 3});
  CHECK(data.size() == 6);
  CHECK(data.values<std::uint8_t>() == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 255});
  CHECK(data.values<float>()[5] == 255.0f);
  CHECK(data.values<bfloat16>()[1] == 2.0f);
}

TEST_CASE("idx: values of every type, from big-endian", "[io][idx]") {
  Bytes i8 = header(9, {2}), i16 = header(0xB, {2}), i32 = header(0xC, {2}), f32 = header(0xD, {2}),
        f64 = header(0xE, {1});
  append(i8, {0x80, 0x7f});
  append(i16, {0x01, 0x02, 0xff, 0xfe});
  append(i32, {0x01, 0x02, 0x03, 0x04, 0xff, 0xff, 0xff, 0xfd});
  append(f32, {0x3f, 0xc0, 0, 0, 0xc2, 0x28, 0, 0});
  append(f64, {0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18});
  CHECK(io::parse_idx(i8).values<std::int32_t>() == std::vector<std::int32_t>{-128, 127});
  CHECK(io::parse_idx(i16).values<std::int32_t>() == std::vector<std::int32_t>{258, -2});
  CHECK(io::parse_idx(i32).values<std::int64_t>() == std::vector<std::int64_t>{0x01020304, -3});
  CHECK(io::parse_idx(f32).values<float>() == std::vector<float>{1.5f, -42.0f});
  CHECK(io::parse_idx(f64).values<double>() == std::vector<double>{3.141592653589793});
}

TEST_CASE("idx: no axes is one value, an empty axis none", "[io][idx]") {
  Bytes scalar = header(8, {});
  append(scalar, {9});
  CHECK(io::parse_idx(scalar).values<float>() == std::vector<float>{9});
  CHECK(io::parse_idx(header(0xE, {5, 0, 7})).size() == 0);
  CHECK(io::parse_idx(header(8, {0xffffffff, 0xffffffff, 0xffffffff, 0})).values<float>().empty());
  CHECK(io::parse_idx(header(8, {1, 1, 1, 1, 1, 1, 1, 0})).shape.size() == 8);
}

TEST_CASE("idx: headers that are none", "[io][idx]") {
  CHECK(contains(error_of({}), "x.idx: the file has 0 bytes, an IDX header at least 4"));
  CHECK(contains(error_of(Bytes(3)), "the file has 3 bytes"));
  Bytes text;
  append(text, {'l', 'a', 'b', 'e', 'l'});
  CHECK(contains(error_of(text), "not an IDX file: it starts with 0x6c 0x61 instead of two zero bytes"));
  Bytes second;
  append(second, {0, 1, 8, 0, 5});
  CHECK(contains(error_of(second), "it starts with 0x00 0x01 instead of two zero bytes"));
  for (int code : {0, 7, 0xA, 0xF, 0x88}) CHECK(contains(error_of(header(code, {})), "unknown IDX type code 0x"));
  CHECK(contains(error_of(header(8, {1, 1, 1, 1, 1, 1, 1, 1, 1})), "the rank is 9, more than 8"));
  Bytes gzip;
  append(gzip, {0x1f, 0x8b, 8, 0});
  CHECK(contains(error_of(gzip), "this is gzip, not plain IDX; fix: read it with read_file_or_gzip"));
  Bytes cut = header(8, {2, 3});
  while (cut.size() > 4) {
    cut.pop_back();
    CHECK(contains(error_of(cut), "the file ends within its header: " + std::to_string(cut.size()) + " bytes of 12"));
  }
}

TEST_CASE("idx: sizes are checked before memory is taken", "[io][idx]") {
  const std::uint32_t huge = 0xffffffff;
  CHECK(contains(error_of(header(8, {huge, huge})), "overflows; fix: "));
  CHECK(contains(error_of(header(0xE, {huge, 0x20000000})), "the size of shape (4294967295, 536870912) overflows"));
  CHECK(contains(error_of(header(8, {huge, huge, huge, huge, huge, huge, huge, huge})), "overflows"));
  CHECK(contains(error_of(header(8, {0x80000000, 0x80000000, 4})), "overflows"));  // 2^64: 0 if it wrapped
  CHECK(contains(error_of(header(8, {huge, 0x7fffffff})), "needs 9223372030412324865 bytes of values, the file has 0"));
  CHECK(contains(error_of(header(8, {60000, 28, 28})),
                 "shape (60000, 28, 28) needs 47040000 bytes of values, the file has 0"));
}

TEST_CASE("idx: short and over-long files", "[io][idx]") {
  Bytes file = header(0xB, {3});
  append(file, {0, 1, 0, 2, 0});
  CHECK(contains(error_of(file), "shape (3) needs 6 bytes of values, the file has 5; fix: the file is cut short"));
  append(file, {3});
  CHECK(io::parse_idx(file).size() == 3);
  append(file, {0});
  CHECK(contains(error_of(file),
                 "needs 6 bytes of values, the file has 7; fix: its header is damaged or something was appended"));
  CHECK(contains(error_of([] {
                   Bytes b = header(8, {3, 0});
                   append(b, {1});
                   return b;
                 }()),
                 "needs 0 bytes of values, the file has 1"));
}

TEST_CASE("idx: from a file, and the twin that does not throw", "[io][idx]") {
  const io_test::Folder folder;
  Bytes file = header(8, {2});
  append(file, {3, 4});
  io::write_file(folder / "labels", file);
  CHECK(io::read_idx(folder / "labels").values<float>() == std::vector<float>{3, 4});
  file.pop_back();
  io::write_file(folder / "labels", file);
  const auto cut = io::try_read_idx(folder / "labels");
  REQUIRE_FALSE(cut);
  CHECK(contains(cut.error().what(), folder / "labels: shape (2) needs 2 bytes"));
  CHECK_THROWS_AS(io::read_idx(folder / "labels"), FileError);
  CHECK(contains(message_of([&] { io::read_idx(folder / "none"); }), "none: cannot be opened"));
}

TEST_CASE("idx: any damaged byte of a header gives a table of the right size or an error", "[io][idx]") {
  Bytes file = header(8, {2, 2});
  append(file, {1, 2, 3, 4});
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (int v = 0; v < 256; ++v) {
      Bytes damaged = file;
      damaged[i] = static_cast<std::byte>(v);
      const auto result = io::try_parse_idx(damaged, "x.idx");
      if (result) REQUIRE(result.value().bytes.size() == 4);
      else REQUIRE(contains(result.error().what(), "x.idx: "));
    }
  }
}

TEST_CASE("idx: floating-point values as integers are those of cast", "[io][idx]") {
  io::IdxData d;
  d.type = IdxType::float32;
  const float given[] = {
      std::numeric_limits<float>::quiet_NaN(), 1e30f, -1e30f, -0.9f, 254.9f, 2147483648.f, -2147483648.f};
  d.shape = {7};
  d.bytes.resize(sizeof given);
  std::memcpy(d.bytes.data(), given, sizeof given);
  CHECK(d.values<std::uint8_t>() == std::vector<std::uint8_t>{0, 255, 0, 0, 254, 255, 0});
  constexpr auto most = std::numeric_limits<std::int32_t>::max(), least = std::numeric_limits<std::int32_t>::min();
  CHECK(d.values<std::int32_t>() == std::vector<std::int32_t>{0, most, least, 0, 254, most, least});
}
