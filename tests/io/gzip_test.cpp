#include "tenon/io/gzip.hpp"

#include "tests/catch.hpp"
#include "tests/io/text_helpers.hpp"

using namespace tenon;
using io_test::contains;
using io_test::message_of;

namespace {
using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view text) {
  Bytes out;
  for (char c : text) out.push_back(static_cast<std::byte>(c));
  return out;
}
/// Packed by zlib itself.
Bytes packed(const Bytes& in, int level = 6) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes out(deflateBound(&stream, static_cast<uLong>(in.size())) + 64);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
Bytes noise(std::size_t n) {
  Bytes out(n);
  std::uint32_t x = 1;
  for (auto& b : out) b = static_cast<std::byte>((x = x * 1664525u + 1013904223u) >> 24);
  return out;
}
std::string error_of(const Bytes& in, Index limit = io::default_gzip_limit) {
  return message_of([&] { io::try_gunzip(in, "x.gz", limit).value(); });
}
Bytes joined(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
}  // namespace

TEST_CASE("gzip: what was packed is unpacked", "[io][gzip]") {
  for (const std::size_t n : {0u, 1u, 100u, 65535u, 65536u, 65537u, 131072u, 500000u}) {
    CAPTURE(n);
    CHECK(io::try_gunzip(packed(noise(n))).value() == noise(n));
    CHECK(io::try_gunzip(packed(Bytes(n), 9)).value() == Bytes(n));
  }
}

TEST_CASE("gzip: members after one another are one file", "[io][gzip]") {
  const Bytes two = joined(packed(bytes_of("one ")), packed(bytes_of("two")));
  CHECK(io::try_gunzip(two).value() == bytes_of("one two"));
  CHECK(io::try_gunzip(joined(two, packed(noise(70000)))).value() == joined(bytes_of("one two"), noise(70000)));
}

TEST_CASE("gzip: a file cut anywhere is refused", "[io][gzip]") {
  const Bytes whole = packed(bytes_of("some text, some text, some more text"));
  for (std::size_t n = 2; n < whole.size(); ++n) {
    CAPTURE(n);
    REQUIRE(contains(error_of(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n))),
                     "x.gz: the gzip data is cut short; fix: fetch the file again"));
  }
  const Bytes large = packed(noise(200000));
  for (std::size_t n : {large.size() - 1, large.size() - 9, large.size() / 2}) {
    CHECK(contains(error_of(Bytes(large.begin(), large.begin() + static_cast<std::ptrdiff_t>(n))), "cut short"));
  }
}

TEST_CASE("gzip: a damaged byte never gives wrong data", "[io][gzip]") {
  const Bytes text = bytes_of("some text, some text, some more text");
  const Bytes whole = packed(text);
  int refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes damaged = whole;
      damaged[i] ^= static_cast<std::byte>(1 << bit);
      const auto result = io::try_gunzip(damaged, "x.gz");
      if (result) REQUIRE(result.value() == text);  // time stamp, system: not part of the data
      else ++refused;
    }
  }
  CHECK(refused > static_cast<int>(8 * (whole.size() - 12)));
  Bytes wrong_sum = whole;
  wrong_sum[whole.size() - 5] ^= std::byte{1};
  CHECK(
      contains(error_of(wrong_sum), "x.gz: the gzip data is damaged: incorrect data check; fix: fetch the file again"));
}

TEST_CASE("gzip: something behind the end is refused", "[io][gzip]") {
  CHECK(contains(error_of(joined(packed(noise(10)), bytes_of("junk"))),
                 "x.gz: 4 bytes follow the end of the gzip data; fix: cut them off or fetch the file again"));
  CHECK(contains(error_of(joined(packed(noise(10)), bytes_of("\x1f"))), "1 bytes follow"));
  CHECK(contains(error_of(joined(packed(noise(10)), bytes_of("\x1f\x8b"))), "cut short"));
}

TEST_CASE("gzip: output stops at the limit", "[io][gzip]") {
  const Bytes bomb = packed(Bytes(10 << 20), 9);
  CHECK(bomb.size() < 20000);
  CHECK(contains(error_of(bomb, 1 << 20),
                 "x.gz: it unpacks to more than 1048576 bytes; fix: pass a larger limit if the file is trusted"));
  CHECK(contains(error_of(bomb, (10 << 20) - 1), "unpacks to more"));
  CHECK(io::try_gunzip(bomb, "x.gz", 10 << 20).value().size() == 10 << 20);
  CHECK(contains(error_of(packed(noise(1)), 0), "more than 0 bytes"));
  CHECK(io::try_gunzip(packed({}), "x.gz", 0).value().empty());
  const Bytes twice = joined(packed(Bytes(600)), packed(Bytes(600)));  // the limit is on the sum
  CHECK(contains(error_of(twice, 1000), "more than 1000 bytes"));
}

TEST_CASE("gzip: other files", "[io][gzip]") {
  CHECK(contains(error_of({}), "x.gz: not a gzip file"));
  CHECK(contains(error_of(bytes_of("plain")),
                 "x.gz: not a gzip file; fix: read plain files with read_file or read_file_or_gzip"));
  CHECK(contains(error_of(bytes_of("\x1f\x8b")), "cut short"));
  CHECK(contains(error_of(bytes_of("\x1f\x8b\x07 and so on")), "damaged: unknown compression method"));
}

TEST_CASE("gzip: files packed or plain, by their first bytes", "[io][gzip]") {
  const io_test::Folder folder;
  io::write_file(folder / "packed", packed(bytes_of("text")));
  io::write_file(folder / "plain.gz", bytes_of("text"));
  CHECK(io::read_gzip(folder / "packed") == bytes_of("text"));
  CHECK(io::read_file_or_gzip(folder / "packed") == bytes_of("text"));
  CHECK(io::read_file_or_gzip(folder / "plain.gz") == bytes_of("text"));
  CHECK(contains(message_of([&] { io::read_gzip(folder / "plain.gz"); }), folder / "plain.gz: not a gzip file"));
  CHECK(contains(message_of([&] { io::read_file_or_gzip(folder / "none"); }), "none: cannot be opened"));
  const auto limited = io::try_read_file_or_gzip(folder / "packed", 3);
  REQUIRE_FALSE(limited);
  CHECK(contains(limited.error().what(), "more than 3 bytes"));
}
