#include <tenon/simd/build_info.hpp>

int other();
int other() { return tenon::build_info().float_lanes > 0 ? 0 : 1; }
