// Two units that include everything: a function in a header that is not inline would be defined twice.
#include <cstdio>

#include "all_headers.hpp"

tenon::BuildInfo second_build_info();

int main() {
  std::puts(to_string(tenon::build_info()).c_str());
  return tenon::build_info() == second_build_info() ? 0 : 1;
}
