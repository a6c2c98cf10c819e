// Files packed by gzip (RFC 1952). Needs zlib, so no other header includes this one: link with -lz.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/io/file.hpp"

namespace tenon::inline TENON_ABI::io {

/// How much a file may unpack to unless the caller says otherwise: a small file may hold a thousand times its size.
inline constexpr Index default_gzip_limit = Index{1} << 30;

inline bool is_gzip(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

namespace gzip_detail {

/// zlib's state, freed at the end of the scope.
class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();  // 16: gzip only
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// Unpacks from the front of `in` to the front of `out`, moves both on and gives zlib's code.
  int run(std::span<const std::byte>& in, std::span<std::byte>& out) {
    // zlib counts in unsigned int and does not promise to leave *next_in alone by type, though it does.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    const uInt in_before = stream_.avail_in = clamped(in.size()), out_before = stream_.avail_out = clamped(out.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    in = in.subspan(in_before - stream_.avail_in);
    out = out.subspan(out_before - stream_.avail_out);
    return code;
  }
  void restart() { inflateReset(&stream_); }
  const char* message() const { return stream_.msg ? stream_.msg : "bad data"; }

 private:
  static uInt clamped(std::size_t n) { return n < (1u << 30) ? static_cast<uInt>(n) : 1u << 30; }
  z_stream stream_{};
};

inline FileError wrong(std::string_view name, std::string_view what, std::string_view fix) {
  return FileError({}, std::string(name) + ": " + std::string(what), fix);
}
/// The next size of a buffer that is full: doubled, but not further past the limit than shows that it is passed.
inline std::size_t grown(std::size_t used, std::size_t most) {
  const std::size_t next = used < 65536 ? 65536 : 2 * used;
  return next <= most ? next : most + 1;
}
}  // namespace gzip_detail

/// What a gzip file's bytes unpack to, all members after one another. Errors: not gzip, cut short, damaged (its
/// checksum included), something else behind the end, more than `limit` bytes of output.
inline Result<std::vector<std::byte>> try_gunzip(std::span<const std::byte> in, std::string_view name = "gzip",
                                                 Index limit = default_gzip_limit) {
  using gzip_detail::wrong;
  if (!is_gzip(in)) return wrong(name, "not a gzip file", "read plain files with read_file or read_file_or_gzip");
  gzip_detail::Inflater inflater;
  const auto most = static_cast<std::size_t>(limit < 0 ? 0 : limit);
  std::vector<std::byte> out;
  std::size_t used = 0;
  for (;;) {
    if (used == out.size()) out.resize(gzip_detail::grown(used, most));
    auto room = std::span(out).subspan(used);
    const int code = inflater.run(in, room);
    used = out.size() - room.size();
    if (used > most) {
      return wrong(name, "it unpacks to more than " + std::to_string(limit) + " bytes",
                   "pass a larger limit if the file is trusted");
    }
    if (code == Z_STREAM_END) {
      if (in.empty()) break;
      if (!is_gzip(in))
        return wrong(name, std::to_string(in.size()) + " bytes follow the end of the gzip data",
                     "cut them off or fetch the file again");
      inflater.restart();
    } else if (code == Z_DATA_ERROR || code == Z_NEED_DICT) {
      return wrong(name, std::string("the gzip data is damaged: ") + inflater.message(), "fetch the file again");
    } else if (in.empty() && !room.empty()) {
      return wrong(name, "the gzip data is cut short", "fetch the file again");
    }
  }
  out.resize(used);
  return out;
}
inline Result<std::vector<std::byte>> try_read_gzip(const std::string& path, Index limit = default_gzip_limit) {
  auto bytes = try_read_file(path);
  if (!bytes) return bytes.error();
  return try_gunzip(*bytes, path, limit);
}
inline std::vector<std::byte> read_gzip(const std::string& path, Index limit = default_gzip_limit) {
  return try_read_gzip(path, limit).value();
}

/// A file's content, unpacked when its first two bytes say that it is gzip, whatever its name. The limit holds for
/// what is unpacked.
inline Result<std::vector<std::byte>> try_read_file_or_gzip(const std::string& path, Index limit = default_gzip_limit) {
  auto bytes = try_read_file(path);
  if (!bytes || !is_gzip(*bytes)) return bytes;
  return try_gunzip(*bytes, path, limit);
}
inline std::vector<std::byte> read_file_or_gzip(const std::string& path, Index limit = default_gzip_limit) {
  return try_read_file_or_gzip(path, limit).value();
}

}  // namespace tenon::inline TENON_ABI::io
