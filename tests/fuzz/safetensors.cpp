// Any bytes as a safetensors file: tensors whose bytes are those of their shapes, which written again are read as the same,
// or an error.
#include "tenon/io/safetensors.hpp"

#include <cstdlib>

namespace tn = tenon;

namespace {
void require(bool ok) {
  if (!ok) std::abort();
}
/// A disk for one file.
struct Disk {
  std::vector<std::byte> bytes;
  int create(const char*) { return 3; }
  int open_folder(const char*) { return 4; }
  ::ssize_t write(int, const void* from, std::size_t n) {
    const auto* p = static_cast<const std::byte*>(from);
    bytes.insert(bytes.end(), p, p + n);
    return static_cast<::ssize_t>(n);
  }
  int flush(int) { return 0; }
  int close(int) { return 0; }
  int rename(const char*, const char*) { return 0; }
  int remove(const char*) { return 0; }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto given = std::as_bytes(std::span(data, size));
  const auto file = tn::io::try_parse_safetensors({given.begin(), given.end()});
  if (!file || file->has_checksum()) return 0;  // one with the right checksum was written by tenon
  std::vector<tn::io::SafeTensor> all;
  for (const auto& [name, tensor] : file->tensors()) all.push_back(tensor);
  Disk disk;
  require(static_cast<bool>(tn::io::safetensors_detail::write(disk, "file", all, file->metadata(), tn::Loc{})));
  const auto again = tn::io::try_parse_safetensors(disk.bytes);
  require(again && again->has_checksum() && again->tensors().size() == all.size());
  for (const auto& [key, value] : file->metadata()) {
    const auto entry = again->metadata().find(key);
    require(entry != again->metadata().end() && entry->second == value);
  }
  for (const auto& [name, tensor] : file->tensors()) {
    const tn::io::SafeTensor& t = again->at(name);
    require(t.dtype == tensor.dtype && t.shape == tensor.shape && t.bytes.size() == tensor.bytes.size());
    require(t.bytes.empty() || std::memcmp(t.bytes.data(), tensor.bytes.data(), t.bytes.size()) == 0);
  }
  return 0;
}
