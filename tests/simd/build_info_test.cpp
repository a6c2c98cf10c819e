#include "tenon/simd/build_info.hpp"

#include "tests/catch.hpp"

TEST_CASE("build_info: says what this unit was compiled with", "[simd][build_info]") {
  const tenon::BuildInfo info = tenon::build_info();
  CHECK(info.checks == tenon::checks);
  CHECK(info.threads >= 1);
#if !defined(_OPENMP)
  CHECK(info.threads == 1);
#endif
  // A register's width is the widest vector of this instruction set.
#if defined(__AVX512F__)
  CHECK(info.isa == "avx512");
  CHECK(info.float_lanes == 16);
#elif defined(__AVX__)
  CHECK(info.isa.substr(0, 3) == "avx");
  CHECK(info.float_lanes == 8);
#elif defined(__SSE2__)
  CHECK(info.isa.substr(0, 3) == "sse");
  CHECK(info.float_lanes == 4);
#endif
#if defined(__clang__)
  CHECK(info.compiler.substr(0, 6) == "clang ");
#else
  CHECK(info.compiler.substr(0, 4) == "g++ ");
#endif
}

TEST_CASE("build_info: is one line of text", "[simd][build_info]") {
  const tenon::BuildInfo info{2, "avx2", 8, 4, "g++ 12.2.0"};
  CHECK(to_string(info) == "checks 2, avx2 (8 floats at once), 4 threads, g++ 12.2.0");
  const tenon::BuildInfo one{1, "sse2", 4, 1, "clang 14.0.6"};
  CHECK(to_string(one) == "checks 1, sse2 (4 floats at once), 1 thread, clang 14.0.6");
  const tenon::BuildInfo slow{1, "sse2", 4, 1, "clang 14.0.6", false};
  CHECK(to_string(slow) == "checks 1, sse2 (4 floats at once), 1 thread, clang 14.0.6, not optimised");
}
