// The IDX format of the MNIST files (yann.lecun.com/exdb/mnist): two zero bytes, a type code, the rank, an extent per
// axis as 32-bit big-endian, then the values, big-endian too.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/dtype.hpp"
#include "tenon/io/file.hpp"

namespace tenon::inline TENON_ABI::io {

/// The type codes of the format.
enum class IdxType : std::uint8_t {
  uint8 = 0x08,
  int8 = 0x09,
  int16 = 0x0B,
  int32 = 0x0C,
  float32 = 0x0D,
  float64 = 0x0E,
};

/// Calls f.template operator()<T>() with the C++ type of the values.
template <class F> constexpr decltype(auto) with_idx_type(IdxType type, F&& f) {
  switch (type) {
    case IdxType::uint8:
      return f.template operator()<std::uint8_t>();
    case IdxType::int8:
      return f.template operator()<std::int8_t>();
    case IdxType::int16:
      return f.template operator()<std::int16_t>();
    case IdxType::int32:
      return f.template operator()<std::int32_t>();
    case IdxType::float32:
      return f.template operator()<float>();
    case IdxType::float64:
      break;
  }
  return f.template operator()<double>();
}

/// A value as a T, by tenon::cast's rule: NaN gives 0 and what is out of an integer's range the nearest one, where C++
/// leaves the result open.
template <element T, class From> constexpr T idx_value(From x) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    using Limits = std::numeric_limits<T>;
    constexpr From above = From(2) * static_cast<From>(Limits::max() / 2 + 1);  // a power of two, so exact
    if (!(x > static_cast<From>(Limits::lowest()))) return x <= 0 ? Limits::lowest() : T(0);
    return x >= above ? Limits::max() : static_cast<T>(x);
  } else {
    return static_cast<T>(x);
  }
}

/// An array as the file has it, values in the machine's byte order, the last axis varying fastest.
struct IdxData {
  IdxType type = IdxType::uint8;
  std::vector<Index> shape;
  std::vector<std::byte> bytes;

  Index size() const {
    return static_cast<Index>(bytes.size() / with_idx_type(type, []<class T>() { return sizeof(T); }));
  }
  /// All values as T; see idx_value.
  template <element T> std::vector<T> values() const {
    return with_idx_type(type, [&]<class From>() {
      std::vector<T> out(static_cast<std::size_t>(size()));
      for (std::size_t i = 0; i < out.size(); ++i) {
        From x;
        std::memcpy(&x, bytes.data() + i * sizeof(From), sizeof(From));
        out[i] = idx_value<T>(x);
      }
      return out;
    });
  }
};

namespace idx_detail {
inline constexpr std::size_t most_rank = 8;

inline FileError wrong(std::string_view name, std::string_view what, std::string_view fix) {
  return FileError({}, std::string(name) + ": " + std::string(what), fix);
}
inline constexpr std::string_view cut_short = "the file is cut short: fetch it again",
                                  damaged = "the header is damaged: fetch the file again";
inline bool known(std::uint8_t code) { return code == 8 || code == 9 || (code >= 0xB && code <= 0xE); }
inline std::string hex(std::uint8_t byte) {
  const char* digits = "0123456789abcdef";
  return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}
inline std::uint8_t at(std::span<const std::byte> in, std::size_t i) { return std::to_integer<std::uint8_t>(in[i]); }

/// "(60000, 28, 28)"
inline std::string shown(const std::vector<Index>& shape) {
  std::string s = "(";
  for (Index extent : shape) s += (s.size() > 1 ? ", " : "") + std::to_string(extent);
  return s + ")";
}
/// item times all extents, or -1 when that is no Index.
inline Index bytes_needed(const std::vector<Index>& shape, Index item) {
  for (Index extent : shape) {
    if (extent == 0) return 0;
  }
  Index n = item;
  for (Index extent : shape) {
    if (n > std::numeric_limits<Index>::max() / extent) return -1;
    n *= extent;
  }
  return n;
}
inline void reverse_each(std::vector<std::byte>& bytes, std::size_t item) {
  for (std::size_t begin = 0; begin < bytes.size(); begin += item) {
    for (std::size_t i = 0; i < item / 2; ++i) std::swap(bytes[begin + i], bytes[begin + item - 1 - i]);
  }
}
}  // namespace idx_detail

/// The array in `in`, whose name stands in errors. Refused before anything is allocated: wrong magic number or type
/// code, a rank above 8, extents whose product overflows, and fewer or more bytes than the extents say.
inline Result<IdxData> try_parse_idx(std::span<const std::byte> in, std::string_view name = "idx") {
  using namespace idx_detail;
  if (in.size() >= 2 && at(in, 0) == 0x1f && at(in, 1) == 0x8b) {
    return wrong(name, "this is gzip, not plain IDX",
                 "read it with read_file_or_gzip of tenon/io/gzip.hpp, then parse_idx");
  }
  if (in.size() < 4)
    return wrong(name, "the file has " + std::to_string(in.size()) + " bytes, an IDX header at least 4", cut_short);
  if (at(in, 0) != 0 || at(in, 1) != 0) {
    return wrong(
        name, "not an IDX file: it starts with " + hex(at(in, 0)) + " " + hex(at(in, 1)) + " instead of two zero bytes",
        "give the file of images or labels itself, unpacked");
  }
  if (!known(at(in, 2)))
    return wrong(name, "unknown IDX type code " + hex(at(in, 2)),
                 "give a file of a known type: 0x08, 0x09 or 0x0b to 0x0e");
  const std::size_t rank = at(in, 3), header = 4 + 4 * rank;
  if (rank > most_rank) return wrong(name, "the rank is " + std::to_string(rank) + ", more than 8", damaged);
  if (in.size() < header) {
    return wrong(
        name, "the file ends within its header: " + std::to_string(in.size()) + " bytes of " + std::to_string(header),
        cut_short);
  }
  IdxData data;
  data.type = static_cast<IdxType>(at(in, 2));
  for (std::size_t i = 4; i < header; i += 4) {
    data.shape.push_back(Index{at(in, i)} << 24 | Index{at(in, i + 1)} << 16 | Index{at(in, i + 2)} << 8 |
                         Index{at(in, i + 3)});
  }
  const auto item = with_idx_type(data.type, []<class T>() { return sizeof(T); });
  const Index needed = bytes_needed(data.shape, static_cast<Index>(item));
  if (needed < 0) return wrong(name, "the size of shape " + shown(data.shape) + " overflows", damaged);
  const auto present = static_cast<Index>(in.size() - header);
  if (present != needed) {
    return wrong(name,
                 "shape " + shown(data.shape) + " needs " + std::to_string(needed) + " bytes of values, the file has " +
                     std::to_string(present),
                 present < needed ? cut_short : "its header is damaged or something was appended: fetch it again");
  }
  data.bytes.assign(in.begin() + static_cast<std::ptrdiff_t>(header), in.end());
  if constexpr (std::endian::native == std::endian::little) reverse_each(data.bytes, item);
  return data;
}
inline IdxData parse_idx(std::span<const std::byte> in, std::string_view name = "idx") {
  return try_parse_idx(in, name).value();
}
inline Result<IdxData> try_read_idx(const std::string& path) {
  auto bytes = try_read_file(path);
  if (!bytes) return bytes.error();
  return try_parse_idx(*bytes, path);
}
inline IdxData read_idx(const std::string& path) { return try_read_idx(path).value(); }

}  // namespace tenon::inline TENON_ABI::io
