# cmake -C cmake/clang.cmake -S . -B build/clang: clang and its OpenMP, for any x86-64 (no -march=native in the tests).
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "")
set(TENON_TEST_NATIVE OFF CACHE BOOL "")
