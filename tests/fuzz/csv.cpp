// Any bytes as a CSV file, of doubles or integers, with and without a header: a full table, or an error. The first byte
// chooses.
#include "tenon/io/csv.hpp"

#include <cstdlib>

namespace tn = tenon;

namespace {
template <class T> void parse(std::string_view text, tn::io::CsvOptions options) {
  const auto table = tn::io::try_parse_csv<T>(text, "fuzz", options);
  if (!table) return;
  if (table->values.size() != static_cast<std::size_t>(table->rows * table->columns)) std::abort();
  if (options.header && table->header.size() != static_cast<std::size_t>(table->columns)) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const tn::io::CsvOptions options{.header = (data[0] & 1) != 0, .separator = (data[0] & 2) != 0 ? ';' : ','};
  if ((data[0] & 4) != 0) parse<std::int32_t>(text, options);
  else parse<double>(text, options);
  return 0;
}
