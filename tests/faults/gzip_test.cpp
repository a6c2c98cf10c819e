// Out of memory: compressed files, which need zlib.
#include "tenon/io/gzip.hpp"

#include "tests/catch.hpp"
#include "tests/faults/faults.hpp"

namespace faults {
namespace {

const Scenario compressed[] = {
    {"what gzip unpacks",
     [](World&) {
       constexpr unsigned char packed[] = {0x1f, 0x8b, 8,    0,    0,    0,    0, 0, 0, 3, 0x4b,
                                           4,    0,    0x43, 0xbe, 0xb7, 0xe8, 1, 0, 0, 0};
       const auto out = tn::io::try_gunzip(std::as_bytes(std::span(packed)));
       if (!out || out->size() != 1) throw 1;
     }},
};
}  // namespace
}  // namespace faults

TEST_CASE("faults: compressed files when memory runs out", "[faults][gzip]") {
  CHECK(faults::check_scenarios(faults::compressed) > 0);
}
