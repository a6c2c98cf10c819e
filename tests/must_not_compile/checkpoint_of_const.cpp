// EXPECT: what is const cannot be loaded
#include "tenon/io/checkpoint.hpp"

void load(const long steps) {
#ifdef TENON_BAD
  tenon::io::checkpoint("steps", steps).load("run");
#else
  long read = steps;
  tenon::io::checkpoint("steps", read).load("run");
#endif
}
