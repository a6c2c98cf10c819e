# cmake -C cmake/debug.cmake -S . -B build/debug: for a debugger, with every check.
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_CXX_FLAGS "-DTENON_CHECKS=2" CACHE STRING "")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g" CACHE STRING "")
