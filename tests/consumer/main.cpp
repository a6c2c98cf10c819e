#include <cstdio>
#include <tenon/simd/build_info.hpp>

#if defined(CONSUMER_HAS_OTHER_UNIT)
int other();
#else
static int other() { return 0; }
#endif

int main() {
  std::puts(to_string(tenon::build_info()).c_str());
  return other();
}
