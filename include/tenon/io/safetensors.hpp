// The safetensors format (github.com/huggingface/safetensors): eight bytes of little-endian header length, a header in
// JSON that gives each tensor's dtype, shape and place, and the values, little-endian, row-major.
#pragma once

#include <map>
#include <vector>

#include "tenon/io/safetensors_header.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI::io {

/// The content of a file. Move-only; the tensors' bytes lie in it and end with it.
class SafeTensors {
 public:
  /// Of a file's bytes; see try_parse_safetensors. Throws FileError.
  SafeTensors(std::vector<std::byte> file, std::string_view name) : bytes_(std::move(file)), name_(name) {
    const std::string_view header = safetensors_detail::header_of(bytes_, name_);
    safetensors_detail::HeaderReader reader(header, name_, tensors_, metadata_);
    reader.read();
    place(std::span(bytes_).subspan(8 + header.size()));
    if (reader.digits() != 0) check_sum(8 + reader.digits());
    has_checksum_ = reader.digits() != 0;
  }
  SafeTensors(SafeTensors&&) noexcept = default;
  SafeTensors& operator=(SafeTensors&&) noexcept = default;

  /// As errors call it: the path.
  const std::string& name() const { return name_; }
  /// By name, in the names' order.
  const std::map<std::string, SafeTensor, std::less<>>& tensors() const& { return tensors_; }
  /// Null when there is none of this name.
  const SafeTensor* find(std::string_view name) const& {
    const auto at = tensors_.find(name);
    return at == tensors_.end() ? nullptr : &at->second;
  }
  const Metadata& metadata() const& { return metadata_; }
  /// Whether the file carried a checksum, which was then found right.
  bool has_checksum() const { return has_checksum_; }

  /// The tensor of this name, T and E as in the file. Throws FileError when it is missing, of another dtype or shape.
  template <class T, Index... E> Tensor<T, E...> tensor(std::string_view name) const {
    const SafeTensor& found = at(name);
    typename Shape<E...>::Extents extents{E...};
    for (std::size_t d = 0; d < extents.size() && d < found.shape.size(); ++d)
      if (extents[d] == dyn) extents[d] = found.shape[d];
    check_fits<T>(found, extents);
    Uninit<T, E...> u{Shape<E...>(extents)};
    copy(found, u.data());
    return std::move(u).assume_init();
  }
  // ---- for readers of modules --------------------------------------------------------------------------------------
  /// Throws FileError when there is none.
  const SafeTensor& at(std::string_view name) const& {
    if (const SafeTensor* t = find(name)) return *t;
    std::string have;
    int listed = 0;
    for (const auto& [other, tensor] : tensors_)
      if (++listed <= 6) have += (listed > 1 ? ", " : "") + quoted(other);
    throw wrong("there is no tensor " + quoted(name),
                tensors_.empty()
                    ? std::string("the file holds no tensors: give one that was made of this module")
                    : "the file holds " + have + (listed > 6 ? ", ..." : "") + ": give the module it was made of");
  }
  /// Throws FileError unless the tensor can be the elements of a Tensor<T> with these extents.
  template <class T> void check_fits(const SafeTensor& t, std::span<const Index> extents) const {
    bool same = t.dtype == safetensors_dtype<T> && t.shape.size() == extents.size();
    for (std::size_t d = 0; same && d < extents.size(); ++d) same = t.shape[d] == extents[d];
    if (!same)
      throw wrong("tensor " + quoted(t.name) + " is " + std::string(t.dtype) + " " +
                      safetensors_detail::shown(t.shape) + " in the file but " + std::string(safetensors_dtype<T>) +
                      " " + safetensors_detail::shown({extents.begin(), extents.end()}) + " in the program",
                  "build the module with the sizes and the dtype of the file");
    if constexpr (std::is_same_v<T, bool>)
      for (const std::byte b : t.bytes)
        if (std::to_integer<int>(b) > 1)
          throw wrong("tensor " + quoted(t.name) + " holds a bool that is neither 0 nor 1");
  }
  template <class T> static void copy(const SafeTensor& t, T* to) noexcept {
    if (!t.bytes.empty()) std::memcpy(static_cast<void*>(to), t.bytes.data(), t.bytes.size());
  }
  FileError wrong(std::string_view what,
                  std::string_view fix = "the file is damaged or its writer at fault: fetch or write it again") const {
    return FileError({}, name_ + ": " + std::string(what), fix);
  }

 private:
  static std::string quoted(std::string_view s) { return safetensors_detail::quoted(s); }

  /// Gives each tensor its bytes. They must follow each other without hole or overlap, and end with the file.
  void place(std::span<const std::byte> data) {
    std::multimap<std::pair<Index, Index>, SafeTensor*> order;
    for (auto& [name, t] : tensors_) order.emplace(std::pair(t.begin, t.end), &t);
    Index end = 0;
    std::string_view before = "the header";
    for (auto& [range, t] : order) {
      if (range.first != end)
        throw wrong("tensor " + quoted(t->name) + " begins at byte " + std::to_string(range.first) +
                        " of the data, but " + std::string(before) + " ends at " + std::to_string(end),
                    range.first < end ? "tensors must not overlap: write the file again"
                                      : "there must be no hole between tensors: write the file again");
      end = range.second, before = t->name;
    }
    const auto size = static_cast<Index>(data.size());
    if (end != size)
      throw wrong("the tensors need " + std::to_string(end) + " bytes of data, the file has " + std::to_string(size),
                  end > size ? "the file is cut short: fetch it again"
                             : "something was appended to the file: cut it off, or fetch it again");
    for (auto& [name, t] : tensors_)
      t.bytes = data.subspan(static_cast<std::size_t>(t.begin), static_cast<std::size_t>(t.end - t.begin));
  }
  /// Pre: the checksum's digits stand at `digits`; the checksum is that of the file with zeros in their place.
  void check_sum(std::size_t digits) const {
    const std::span<const std::byte> all = bytes_;
    constexpr std::string_view zeros = "0000000000000000";
    std::uint64_t sum = crc64(all.first(digits));
    sum = crc64(std::as_bytes(std::span(zeros)), sum);
    sum = crc64(all.subspan(digits + zeros.size()), sum);
    const std::string said(reinterpret_cast<const char*>(all.data()) + digits, zeros.size());
    if (said != safetensors_detail::hex16(sum))
      throw wrong("the checksum is " + safetensors_detail::hex16(sum) + " but the file says " + said,
                  "the file is damaged: use an older one, or fetch it again");
  }

  std::vector<std::byte> bytes_;
  std::string name_;
  std::map<std::string, SafeTensor, std::less<>> tensors_;  // nodes stay where they are when the map is moved
  Metadata metadata_;
  bool has_checksum_ = false;
};

/// The tensors in a file's bytes; `name` stands in errors. Refused: a header longer than the file or 100 MB, or not
/// exactly the JSON that the format asks for (a member twice, text that is no UTF-8), an unknown dtype, a rank above 8,
/// a size that overflows or is not that of the bytes, tensors that overlap, leave holes or do not end with the file, a
/// checksum of tenon's that is wrong. A file without checksum is taken.
inline Result<SafeTensors> try_parse_safetensors(std::vector<std::byte> bytes, std::string_view name = "safetensors") {
  try {
    return SafeTensors(std::move(bytes), name);
  } catch (FileError& error) {
    return std::move(error);
  }
}
inline SafeTensors parse_safetensors(std::vector<std::byte> bytes, std::string_view name = "safetensors") {
  return SafeTensors(std::move(bytes), name);
}
inline Result<SafeTensors> try_read_safetensors(const std::string& path) {
  auto bytes = try_read_file(path);
  if (!bytes) return bytes.error();
  return try_parse_safetensors(std::move(bytes).value(), path);
}
inline SafeTensors read_safetensors(const std::string& path) { return try_read_safetensors(path).value(); }

/// An entry for write_safetensors that refers to the tensor's elements. Pre: the tensor outlives it, unchanged
template <class T, Index... E> SafeTensor safe_tensor(std::string name, const Tensor<T, E...>& t) {
  const auto extents = t.shape().extents();
  return {std::move(name),
          safetensors_dtype<T>,
          {extents.begin(), extents.end()},
          std::as_bytes(std::span<const T>(t.data(), static_cast<std::size_t>(t.size())))};
}
template <class T, Index... E> SafeTensor safe_tensor(std::string name, const Tensor<T, E...>&& t) = delete;

namespace safetensors_detail {
template <class System>
Result<Index> write(System& system, const std::string& path, std::vector<SafeTensor>& tensors, const Metadata& metadata,
                    Loc at) {
  std::vector<std::span<const std::byte>> parts{{}};
  const std::string header = make_header(tensors, metadata, parts, at);
  parts[0] = std::as_bytes(std::span(header.data(), header.size()));
  return file_detail::write_parts(system, path, parts);
}
}  // namespace safetensors_detail

/// Writes a file of tensors, with a checksum; old or new content as io::try_write_file. Widest elements come first, so
/// each tensor is aligned to its elements. Gives the number of bytes. Throws ValueError for a name that is given twice,
/// is "__metadata__" or no UTF-8, or an entry whose bytes are not those of its shape.
inline Result<Index> try_write_safetensors(const std::string& path, std::vector<SafeTensor> tensors,
                                           const Metadata& metadata = {}, Loc at = Loc::current()) {
  file_detail::Posix system;
  return safetensors_detail::write(system, path, tensors, metadata, at);
}
inline void write_safetensors(const std::string& path, std::vector<SafeTensor> tensors, const Metadata& metadata = {},
                              Loc at = Loc::current()) {
  try_write_safetensors(path, std::move(tensors), metadata, at).value();
}

}  // namespace tenon::inline TENON_ABI::io
