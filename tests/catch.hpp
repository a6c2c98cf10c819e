// Catch2 2.13 and 3 behind one include; the build provides main.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>  // makes Approx known itself; Catch::Approx is a matcher here
#endif
