// Any bytes as an IDX file: an array whose size is right, or an error.
#include "tenon/io/idx.hpp"

#include <cstdlib>

namespace tn = tenon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto array = tn::io::try_parse_idx(std::as_bytes(std::span(data, size)));
  if (!array) return 0;
  tn::Index elements = 1;
  for (const tn::Index extent : array->shape)
    if (extent == 0) elements = 0;
  for (const tn::Index extent : array->shape)
    if (elements != 0) elements *= extent;
  if (array->size() != elements || array->values<double>().size() != static_cast<std::size_t>(elements)) std::abort();
  return 0;
}
