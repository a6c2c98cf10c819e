# cmake -C cmake/release.cmake -S . -B build/release: as the figures in the README are measured.
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "")
