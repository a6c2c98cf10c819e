#include "tenon/io/safetensors.hpp"

#include <cstdlib>

#include "tests/catch.hpp"
#include "tests/io/text_helpers.hpp"

using namespace tenon;
using io_test::contains;
using io_test::Folder;
using io_test::message_of;

namespace {

/// A file of this header and so many bytes of data.
std::vector<std::byte> file_of(std::string_view header, std::size_t data = 0) {
  std::vector<std::byte> bytes(8 + header.size() + data);
  const std::uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  if (!header.empty()) std::memcpy(bytes.data() + 8, header.data(), header.size());
  for (std::size_t i = 0; i < data; ++i) bytes[8 + header.size() + i] = static_cast<std::byte>(i);
  return bytes;
}
std::string error_of(std::string_view header, std::size_t data = 0) {
  const auto result = io::try_parse_safetensors(file_of(header, data), "f");
  return result ? "" : result.error().what();
}

template <class T> void check_round_trip(const Folder& folder, std::string_view dtype) {
  for (const Index n : {0, 1, 5}) {
    Tensor<T, dyn, 3> t({n, 3});
    {
      auto w = t.mut();
      for (Index i = 0; i < t.size(); ++i) w.data()[i] = static_cast<T>(i % 2);
    }
    Tensor<T> scalar(1);
    io::write_safetensors(folder / "a", {io::safe_tensor("t", t), io::safe_tensor("scalar", scalar)});
    const auto file = io::read_safetensors(folder / "a");
    CHECK(file.has_checksum());
    REQUIRE(file.tensors().size() == 2);
    CHECK(file.at("t").dtype == dtype);
    CHECK(file.at("t").shape == std::vector<Index>{n, 3});
    const auto back = file.tensor<T, dyn, 3>("t");
    REQUIRE(back.size() == t.size());
    CHECK((t.size() == 0 || std::memcmp(back.data(), t.data(), static_cast<std::size_t>(t.size()) * sizeof(T)) == 0));
    CHECK(file.tensor<T>("scalar").item() == static_cast<T>(1));
  }
}
}  // namespace

TEST_CASE("safetensors: what is written is read back, in every dtype", "[io][safetensors]") {
  const Folder folder;
  check_round_trip<float>(folder, "F32");
  check_round_trip<double>(folder, "F64");
  check_round_trip<std::int32_t>(folder, "I32");
  check_round_trip<std::int64_t>(folder, "I64");
  check_round_trip<std::uint8_t>(folder, "U8");
  check_round_trip<bool>(folder, "BOOL");
  check_round_trip<bfloat16>(folder, "BF16");
  check_round_trip<float16>(folder, "F16");
}

TEST_CASE("safetensors: names, metadata and alignment survive", "[io][safetensors]") {
  const Folder folder;
  Tensor<std::uint8_t, 3> odd = {1, 2, 3};
  Tensor<double, 2> wide = {0.5, 1.5};
  Tensor<float16, 1> half;
  const std::string name = "a \"quoted\" \\ \n \x01 \xc3\xa9\xf0\x9f\x90\x8b";
  io::write_safetensors(folder / "a",
                        {io::safe_tensor(name, odd), io::safe_tensor("half", half), io::safe_tensor("", wide)},
                        {{"format", "pt"}, {name, name}});
  const auto bytes = io::read_file(folder / "a");
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  CHECK((header + 8) % 64 == 0);
  const auto file = io::read_safetensors(folder / "a");
  CHECK(file.at("").begin == 0);
  CHECK(file.at("half").begin == 16);
  CHECK(file.at(name).begin == 18);
  CHECK(file.tensor<std::uint8_t, 3>(name)(2) == 3);
  CHECK(file.metadata().find(name)->second == name);
  CHECK(file.metadata().find("format")->second == "pt");
}

TEST_CASE("safetensors: the format's own example and its freedoms are read", "[io][safetensors]") {
  // Data in another order than the header, blanks, escapes, an empty tensor between two others.
  const auto file = io::parse_safetensors(
      file_of("{ \"b\" : {\"shape\":[2],\"dtype\":\"U8\",\"data_offsets\":[4,6]},\n"
              "\"\\u0061\\ud83d\\udc0b\":{\"data_offsets\":[0,4],\"dtype\":\"F32\",\"shape\":[1,1]},"
              "\"none\":{\"dtype\":\"I16\",\"shape\":[3,0],\"data_offsets\":[4,4]}}   ",
              6));
  CHECK(file.tensors().size() == 3);
  CHECK_FALSE(file.has_checksum());
  CHECK(file.tensor<std::uint8_t, 2>("b")(1) == 5);
  CHECK(file.find("a\xf0\x9f\x90\x8b") != nullptr);
  CHECK(file.at("none").bytes.empty());
  CHECK(error_of("{}").empty());
  CHECK(error_of("{\"__metadata__\":{}}").empty());
}

TEST_CASE("safetensors: what is no such file is refused with place and reason", "[io][safetensors]") {
  const auto tensor = [](std::string_view dtype, std::string_view shape, std::string_view offsets) {
    return "{\"t\":{\"dtype\":\"" + std::string(dtype) + "\",\"shape\":" + std::string(shape) +
           ",\"data_offsets\":" + std::string(offsets) + "}}";
  };
  struct Case {
    std::string header;
    std::size_t data;
    std::string_view says;
  };
  const Case cases[] = {
      {"", 0, "does not begin with '{'"},
      {" {}", 0, "does not begin with '{'"},
      {"{", 0, "f: byte 1: expected '\"'"},
      {"{}x", 0, "byte 2: expected the end"},
      {"{\"a\"}", 0, "expected ':'"},
      {"{\"a\":{},}", 0, "has no dtype"},
      {"{\"a", 0, "a string is not closed"},
      {"{\"a\\", 0, "a string is not closed"},
      {"{\"a\n\"", 0, "a control character in a string"},
      {"{\"\xff\"", 0, "the text is no UTF-8"},
      {"{\"\xc0\x80\"", 0, "the text is no UTF-8"},
      {"{\"\xed\xa0\x80\"", 0, "the text is no UTF-8"},
      {"{\"\xf0\x9f\"", 0, "the text is no UTF-8"},
      {"{\"\\x\"", 0, "an unknown escape"},
      {"{\"\\u12g4\"", 0, "four hexadecimal digits"},
      {"{\"\\ud800\"", 0, "half of a surrogate pair"},
      {"{\"\\ud800\\u0041\"", 0, "half of a surrogate pair"},
      {"{\"\\udc00\"", 0, "half of a surrogate pair"},
      {"{\"__metadata__\":{\"a\":1}}", 0, "expected '\"'"},
      {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "'a' stands twice in the metadata"},
      {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "'__metadata__' stands twice"},
      {"{\"__metadata__\":{\"tenon.checksum\":\"md5 x\"}}", 0, "a checksum that this version of tenon does not know"},
      {"{\"__metadata__\":{\"tenon.checksum\":\"crc64/xz 0000000000000000\"}}", 0, "the checksum is "},
      {"{\"__metadata__\":{\"tenon.checksum\":\"crc64\\/xz 0000000000000000\"}}", 0, "a checksum that this version"},
      {"{\"t\":{\"shape\":[],\"data_offsets\":[0,4]}}", 4, "tensor 't' has no dtype"},
      {"{\"t\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "tensor 't' has no shape"},
      {"{\"t\":{\"dtype\":\"F32\",\"shape\":[]}}", 4, "tensor 't' has no data_offsets"},
      {"{\"t\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 4, "tensor 't' has 'dtype' twice"},
      {"{\"t\":{\"type\":\"F32\"}}", 4, "an unknown member 'type'"},
      {tensor("F33", "[]", "[0,4]"), 4, "the unknown dtype 'F33'"},
      {tensor("F32", "[1,-1]", "[0,4]"), 4, "expected a whole number from 0 on"},
      {tensor("F32", "[1.0]", "[0,4]"), 4, "expected a whole number from 0 on"},
      {tensor("F32", "[1e3]", "[0,4]"), 4, "expected a whole number from 0 on"},
      {tensor("F32", "[01]", "[0,4]"), 4, "a number starts with 0"},
      {tensor("F32", "[1,]", "[0,4]"), 4, "expected a whole number from 0 on"},
      {tensor("F32", "[1 2]", "[0,4]"), 4, "expected ']'"},
      {tensor("F32", "[18446744073709551616]", "[0,4]"), 4, "the number is too large"},
      {tensor("F32", "[9223372036854775808]", "[0,4]"), 4, "the number is too large"},
      {tensor("F32", "[4611686018427387904,4]", "[0,4]"), 4, "overflows"},
      {tensor("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4, "a rank above 8"},
      {tensor("F32", "[2]", "[0,4]"), 4, "needs 8 bytes, its data_offsets are 0 and 4"},
      {tensor("F32", "[1]", "[4,0]"), 4, "needs 4 bytes, its data_offsets are 4 and 0"},
      {tensor("F32", "[1]", "[0]"), 4, "data_offsets are two numbers"},
      {tensor("F32", "[1]", "[0,4,8]"), 4, "data_offsets are two numbers"},
      {tensor("F32", "[1]", "[0,4]"), 3, "need 4 bytes of data, the file has 3; fix: the file is cut short"},
      {tensor("F32", "[1]", "[0,4]"), 5, "need 4 bytes of data, the file has 5; fix: something was appended"},
      {tensor("F32", "[1]", "[4,8]"), 8, "but the header ends at 0; fix: there must be no hole"},
      {tensor("F32", "[0]", "[9,9]"), 0, "tensor 't' begins at byte 9 of the data"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
       "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}",
       6, "tensor 'b' begins at byte 2 of the data, but a ends at 4; fix: tensors must not overlap"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
       "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
       4, "fix: tensors must not overlap: write the file again"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
       "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
       8, "tensor 'a' stands twice in the header"},
  };
  for (const Case& c : cases) {
    INFO(c.header);
    const std::string said = error_of(c.header, c.data);
    INFO(said);
    CHECK(contains(said, c.says));
    CHECK(said.starts_with("f: "));
  }
}

TEST_CASE("safetensors: a length that lies is refused before anything is read", "[io][safetensors]") {
  for (const std::size_t size : {0u, 1u, 7u})
    CHECK(contains(message_of([&] { io::parse_safetensors(std::vector<std::byte>(size), "f"); }), "at least 8"));
  auto bytes = file_of("{}");
  bytes[0] = std::byte{3};
  CHECK(contains(message_of([&] { io::parse_safetensors(bytes, "f"); }), "the header has 3 bytes, the file 2"));
  bytes[7] = std::byte{0xff};
  CHECK(contains(message_of([&] { io::parse_safetensors(bytes, "f"); }), "not a safetensors file"));
}

TEST_CASE("safetensors: every cut and every changed byte of a file with a checksum is refused", "[io][safetensors]") {
  const Folder folder;
  Tensor<float, 2, 2> a = {{1, 2}, {3, 4}};
  Tensor<bool, 3> b;
  io::write_safetensors(folder / "a", {io::safe_tensor("a", a), io::safe_tensor("b", b)}, {{"epoch", "3"}});
  const auto good = io::read_file(folder / "a");
  REQUIRE(io::try_parse_safetensors(good));
  for (std::size_t n = 0; n < good.size(); ++n)
    if (io::try_parse_safetensors({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)})) FAIL("cut at " << n);
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const int flip : {1, 0x20, 0x80}) {
      auto bad = good;
      bad[i] ^= static_cast<std::byte>(flip);
      const auto result = io::try_parse_safetensors(std::move(bad));
      // Without its name the checksum is free text: the one change that makes a file of another program.
      if (result && result->has_checksum()) FAIL("byte " << i << " changed by " << flip);
    }
}

TEST_CASE("safetensors: a tensor comes out in its own dtype and shape only", "[io][safetensors]") {
  const auto file =
      io::parse_safetensors(file_of("{\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                                    "\"flag\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[24,27]}}",
                                    27),
                            "f");
  CHECK(file.tensor<float, dyn, 3>("w").shape()[0] == 2);
  CHECK(contains(message_of([&] { (void)file.tensor<float, 3, 2>("w"); }),
                 "f: tensor 'w' is F32 (2, 3) in the file but F32 (3, 2) in the program; fix: "));
  CHECK(contains(message_of([&] { (void)file.tensor<float, dyn>("w"); }), "F32 (2, 3) in the file but F32 (2)"));
  CHECK(contains(message_of([&] { (void)file.tensor<double, 2, 3>("w"); }), "but F64 (2, 3) in the program"));
  CHECK(contains(message_of([&] { (void)file.tensor<bool, 3>("flag"); }), "a bool that is neither 0 nor 1"));
  CHECK(contains(message_of([&] { (void)file.tensor<float>("v"); }),
                 "f: there is no tensor 'v'; fix: the file holds 'flag', 'w'"));
}

TEST_CASE("safetensors: the writer refuses what no reader could take", "[io][safetensors]") {
  const Folder folder;
  Tensor<float, 2> a;
  const auto write = [&](std::vector<io::SafeTensor> tensors, const io::Metadata& metadata = {}) {
    return message_of([&] { io::write_safetensors(folder / "a", std::move(tensors), metadata); });
  };
  CHECK(contains(write({io::safe_tensor("a", a), io::safe_tensor("a", a)}), "tensor 'a' is given twice"));
  CHECK(contains(write({io::safe_tensor("__metadata__", a)}), "has the name of the metadata"));
  CHECK(contains(write({io::safe_tensor("\xff", a)}), "no UTF-8"));
  CHECK(contains(write({}, {{"k", "\xff"}}), "metadata 'k' is no UTF-8"));
  auto wrong = io::safe_tensor("a", a);
  wrong.shape[0] = 3;
  CHECK(contains(write({wrong}), "has 8 bytes for shape (3)"));
  CHECK_FALSE(io::try_read_file(folder / "a"));
}

TEST_CASE("safetensors: files of other programs, where there are some", "[io][safetensors]") {
  const char* folder = std::getenv("TENON_SAFETENSORS_FILES");  // a folder with mnist_cnn.safetensors
  if (folder == nullptr) return;
  const auto file = io::read_safetensors(std::string(folder) + "/mnist_cnn.safetensors");
  CHECK(file.tensors().size() == 20);
  CHECK(file.tensor<float, 8, 1, 3, 3>("conv1.weight").size() == 72);
  CHECK(file.tensor<std::int64_t>("norm1.num_batches_tracked").item() >= 0);
}
