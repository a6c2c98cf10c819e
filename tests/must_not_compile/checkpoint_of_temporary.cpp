// EXPECT: a thing is a temporary, so nobody could load it; give it a name first
#include "tenon/io/checkpoint.hpp"

void save(long steps) {
#ifdef TENON_BAD
  tenon::io::checkpoint("steps", steps, "next", steps + 1).save("run");
#else
  const long next = steps + 1;
  tenon::io::checkpoint("steps", steps, "next", next).save("run");
#endif
}
