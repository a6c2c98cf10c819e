// The header of a safetensors file: what it says of each tensor, reading it strictly, writing it.
#pragma once

#include <bit>
#include <limits>
#include <map>
#include <vector>

#include "tenon/base/dtype.hpp"
#include "tenon/io/crc64.hpp"
#include "tenon/io/file.hpp"
#include "tenon/io/json.hpp"

namespace tenon::inline TENON_ABI::io {

static_assert(std::endian::native == std::endian::little, "tenon::io: safetensors files are little-endian");

/// One tensor of a file.
struct SafeTensor {
  std::string name;
  std::string_view dtype;  ///< as the format calls it: "F32"
  std::vector<Index> shape;
  std::span<const std::byte> bytes = {};  ///< row-major, at any alignment
  Index begin = 0, end = 0;               ///< where they stand in the file's data; a writer sets them
};
/// Free text by name, the header's __metadata__.
using Metadata = std::map<std::string, std::string, std::less<>>;

namespace safetensors_detail {

struct DtypeRow {
  std::string_view name;
  Index size;
};
// As Dtype numbers them, then those that no Tensor holds.
inline constexpr DtypeRow dtypes[] = {{"F32", 4},  {"F64", 8},  {"I32", 4}, {"I64", 8},     {"U8", 1},
                                      {"BOOL", 1}, {"BF16", 2}, {"F16", 2}, {"I8", 1},      {"I16", 2},
                                      {"U16", 2},  {"U32", 4},  {"U64", 8}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};
inline const DtypeRow* find_dtype(std::string_view name) {
  for (const DtypeRow& d : dtypes)
    if (d.name == name) return &d;
  return nullptr;
}

inline constexpr std::size_t most_header = 100'000'000, most_rank = 8;
/// The checksum stands in the metadata as this key with the value "crc64/xz " and 16 digits. It is that of the whole
/// file with zeros for the digits, so header and metadata are covered too.
inline constexpr std::string_view checksum_key = "tenon.checksum", checksum_kind = "crc64/xz ";
inline constexpr std::size_t checksum_digits = 16;

inline std::string hex16(std::uint64_t x) {
  std::string s(checksum_digits, '0');
  for (std::size_t i = checksum_digits; i-- > 0; x >>= 4) s[i] = "0123456789abcdef"[x & 15];
  return s;
}
/// A name from a file as part of a message: shortened, without control characters.
inline std::string quoted(std::string_view name) {
  constexpr std::size_t most = 80;
  std::string s = "'";
  for (const char c : name.substr(0, most)) s += static_cast<unsigned char>(c) < 32 || c == 127 ? '?' : c;
  return s + (name.size() > most ? "...'" : "'");
}
/// "(60000, 28)"
inline std::string shown(const std::vector<Index>& shape) {
  std::string s = "(";
  for (const Index extent : shape) s += (s.size() > 1 ? ", " : "") + std::to_string(extent);
  return s + ")";
}
/// item times all extents, or -1 when that is no Index.
inline Index bytes_of(const std::vector<Index>& shape, Index item) {
  Index n = item;
  bool empty = false;
  for (const Index extent : shape) {
    if (extent == 0) empty = true;
    else if (n > std::numeric_limits<Index>::max() / extent) return -1;
    else n *= extent;
  }
  return empty ? 0 : n;
}

/// The JSON text of the header.
inline std::string_view header_of(std::span<const std::byte> file, std::string_view name) {
  const auto wrong = [&](const std::string& what, std::string_view fix) {
    return FileError({}, std::string(name) + ": " + what, fix);
  };
  if (file.size() < 8)
    throw wrong("the file has " + std::to_string(file.size()) + " bytes, a safetensors file at least 8",
                "the file is cut short: fetch it again");
  std::uint64_t size = 0;
  std::memcpy(&size, file.data(), 8);
  if (size > most_header)
    throw wrong("not a safetensors file: its first 8 bytes give a header of " + std::to_string(size) + " bytes",
                "headers have up to 100 MB; files packed or of another format have readers of their own");
  if (size > file.size() - 8)
    throw wrong("the header has " + std::to_string(size) + " bytes, the file " + std::to_string(file.size() - 8) +
                    " behind its length",
                "the file is cut short: fetch it again");
  return {reinterpret_cast<const char*>(file.data()) + 8, static_cast<std::size_t>(size)};
}

/// Reads the header into the two tables.
class HeaderReader {
 public:
  HeaderReader(std::string_view header, std::string_view name, std::map<std::string, SafeTensor, std::less<>>& tensors,
               Metadata& metadata)
      : header_(header), in_(header, name), tensors_(&tensors), metadata_(&metadata) {}

  void read() {
    if (!header_.starts_with('{'))
      in_.fail("the header does not begin with '{'", "give a file in the safetensors format");
    in_.object([&](const std::string& key) {
      if (key == "__metadata__") read_metadata();
      else read_tensor(key);
    });
    in_.end();
  }
  /// Where the checksum's digits stand in the header; 0 without one.
  std::size_t digits() const { return digits_; }

 private:
  void read_metadata() {
    if (std::exchange(has_metadata_, true)) in_.fail("'__metadata__' stands twice in the header");
    in_.object([&](const std::string& key) {
      std::string value = in_.string();
      if (key == checksum_key) find_digits(value);
      if (!metadata_->try_emplace(key, std::move(value)).second)
        in_.fail(quoted(key) + " stands twice in the metadata");
    });
  }
  void find_digits(const std::string& value) {
    const std::size_t end = in_.at() - 1;  // before the closing quote
    if (value.size() != checksum_kind.size() + checksum_digits || !value.starts_with(checksum_kind) ||
        header_.substr(end - value.size(), value.size()) != value)
      in_.fail("a checksum that this version of tenon does not know", "read it with the version that wrote it");
    digits_ = end - checksum_digits;
  }
  void read_tensor(const std::string& name) {
    SafeTensor t{name, {}, {}};
    bool dtype = false, shape = false, offsets = false;
    const DtypeRow* row = nullptr;
    in_.object([&](const std::string& key) {
      bool* const seen = key == "dtype" ? &dtype : key == "shape" ? &shape : key == "data_offsets" ? &offsets : nullptr;
      if (seen == nullptr) in_.fail("tensor " + quoted(name) + " has an unknown member " + quoted(key));
      if (std::exchange(*seen, true)) in_.fail("tensor " + quoted(name) + " has " + quoted(key) + " twice");
      if (seen == &dtype) row = read_dtype(name);
      else if (seen == &shape) read_shape(t);
      else read_offsets(t);
    });
    if (!dtype || !shape || !offsets)
      in_.fail("tensor " + quoted(name) + " has no " + (!dtype ? "dtype" : !shape ? "shape" : "data_offsets"));
    t.dtype = row->name;
    const Index needed = bytes_of(t.shape, row->size);
    if (needed < 0) in_.fail("the size of tensor " + quoted(name) + ", shape " + shown(t.shape) + ", overflows");
    if (t.end < t.begin || t.end - t.begin != needed)
      in_.fail("tensor " + quoted(name) + ", " + std::string(t.dtype) + " " + shown(t.shape) + ", needs " +
               std::to_string(needed) + " bytes, its data_offsets are " + std::to_string(t.begin) + " and " +
               std::to_string(t.end));
    if (!tensors_->try_emplace(name, std::move(t)).second)
      in_.fail("tensor " + quoted(name) + " stands twice in the header");
  }
  const DtypeRow* read_dtype(const std::string& name) {
    const std::string word = in_.string();
    const DtypeRow* row = find_dtype(word);
    if (row == nullptr) in_.fail("tensor " + quoted(name) + " has the unknown dtype " + quoted(word));
    return row;
  }
  void read_shape(SafeTensor& t) {
    in_.list([&] {
      if (t.shape.size() == most_rank) in_.fail("tensor " + quoted(t.name) + " has a rank above 8");
      t.shape.push_back(index());
    });
  }
  void read_offsets(SafeTensor& t) {
    int n = 0;
    in_.list([&] {
      const Index x = index();
      (n++ == 0 ? t.begin : t.end) = x;
    });
    if (n != 2) in_.fail("tensor " + quoted(t.name) + ": data_offsets are two numbers");
  }
  Index index() {
    const std::uint64_t x = in_.whole();
    if (x > static_cast<std::uint64_t>(std::numeric_limits<Index>::max())) in_.fail("the number is too large");
    return static_cast<Index>(x);
  }

  std::string_view header_;
  JsonReader in_;
  std::map<std::string, SafeTensor, std::less<>>* tensors_;
  Metadata* metadata_;
  std::size_t digits_ = 0;
  bool has_metadata_ = false;
};

[[noreturn]] TENON_COLD inline void refuse(const SafeTensor& t, Loc at, const std::string& what,
                                           std::string_view fix = "make entries by safe_tensor(name, tensor)") {
  throw ValueError(at, "tenon::io::write_safetensors: tensor " + quoted(t.name) + " " + what, fix);
}
inline void check_entry(const SafeTensor& t, Loc at) {
  if (t.name == "__metadata__") refuse(t, at, "has the name of the metadata", "give it another name");
  if (!is_utf8(t.name)) refuse(t, at, "has a name that is no UTF-8", "give it another name");
  const DtypeRow* row = find_dtype(t.dtype);
  if (row == nullptr) refuse(t, at, "has an unknown dtype");
  if (t.shape.size() > most_rank) refuse(t, at, "has a rank above 8");
  for (const Index extent : t.shape)
    if (extent < 0) refuse(t, at, "has a negative extent");
  if (bytes_of(t.shape, row->size) != static_cast<Index>(t.bytes.size()))
    refuse(t, at, "has " + std::to_string(t.bytes.size()) + " bytes for shape " + shown(t.shape));
}
inline std::string entry_text(const SafeTensor& t) {
  std::string shape;
  for (const Index extent : t.shape) shape += (shape.empty() ? "" : ",") + std::to_string(extent);
  return json_string(t.name) + ":{\"dtype\":\"" + std::string(t.dtype) + "\",\"shape\":[" + shape +
         "],\"data_offsets\":[" + std::to_string(t.begin) + "," + std::to_string(t.end) + "]}";
}
/// The first bytes of a file, up to the data; appends the data in their order to `parts`, one span a tensor.
inline std::string make_header(std::vector<SafeTensor>& tensors, const Metadata& metadata,
                               std::vector<std::span<const std::byte>>& parts, Loc at) {
  std::string s(8, '\0');
  s += "{\"__metadata__\":{" + json_string(checksum_key) + ":\"" + std::string(checksum_kind);
  const std::size_t digits = s.size();
  s += hex16(0) + "\"";
  for (const auto& [key, value] : metadata) {
    if (key == checksum_key || !is_utf8(key) || !is_utf8(value))
      throw ValueError(at, "tenon::io::write_safetensors: metadata " + quoted(key) + " is no UTF-8, or tenon's own",
                       "give it another name, or its value as UTF-8");
    s += "," + json_string(key) + ":" + json_string(value);
  }
  s += "}";
  std::map<std::string_view, int> names;
  Index end = 0;
  for (const Index size : {8, 4, 2, 1}) {  // an element's size divides the place of its tensor
    for (SafeTensor& t : tensors) {
      if (size == 8) {
        check_entry(t, at);
        if (!names.try_emplace(t.name).second) refuse(t, at, "is given twice", "give each tensor a name of its own");
      }
      if (find_dtype(t.dtype)->size != size) continue;
      t.begin = end, t.end = end += static_cast<Index>(t.bytes.size());
      s += "," + entry_text(t);
      parts.push_back(t.bytes);
    }
  }
  s += "}";
  while (s.size() % 64 != 0) s += ' ';  // so the data begin aligned in a file that is mapped
  const std::uint64_t length = s.size() - 8;
  if (length > most_header)
    throw ValueError(at, "tenon::io::write_safetensors: the names make a header above 100 MB", "write several files");
  std::memcpy(s.data(), &length, 8);
  std::uint64_t sum = crc64(std::as_bytes(std::span(s.data(), s.size())));
  for (std::size_t i = parts.size() - tensors.size(); i < parts.size(); ++i) sum = crc64(parts[i], sum);
  s.replace(digits, checksum_digits, hex16(sum));
  return s;
}
}  // namespace safetensors_detail

/// What the format calls T: "F32".
template <element T>
inline constexpr std::string_view safetensors_dtype =
    safetensors_detail::dtypes[static_cast<std::size_t>(dtype_of<T>)].name;

}  // namespace tenon::inline TENON_ABI::io
