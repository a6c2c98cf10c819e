#include "all_headers.hpp"

tenon::BuildInfo second_build_info();
tenon::BuildInfo second_build_info() { return tenon::build_info(); }
