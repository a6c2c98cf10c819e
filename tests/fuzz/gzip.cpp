// Any bytes as a gzip file: at most the limit of bytes comes out, or an error.
#include "tenon/io/gzip.hpp"

#include <cstdlib>

namespace tn = tenon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr tn::Index limit = 1 << 16;
  const auto bytes = tn::io::try_gunzip(std::as_bytes(std::span(data, size)), "fuzz", limit);
  if (bytes && static_cast<tn::Index>(bytes->size()) > limit) std::abort();
  return 0;
}
