# cmake -C cmake/aarch64.cmake -S . -B build/aarch64: built for 64-bit ARM (NEON lanes) by Debian's g++-aarch64-linux-gnu, run
# by qemu-user. Without what needs a library of that machine: compressed files.
set(CMAKE_SYSTEM_NAME Linux CACHE STRING "")
set(CMAKE_SYSTEM_PROCESSOR aarch64 CACHE STRING "")
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++ CACHE STRING "")
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
# Without notes on what GCC 10 changed in how structs are passed.
set(CMAKE_CXX_FLAGS "-Wno-psabi -DTENON_TEST_SLOW -DTENON_TEST_EMULATED" CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELEASE "-O1 -DNDEBUG" CACHE STRING "")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu CACHE STRING "")
# Headers only, the same for every machine; Debian keeps what tells CMake of them in the folder of the machine that builds.
file(GLOB xsimd /usr/lib/*/cmake/xsimd)
set(xsimd_DIR ${xsimd} CACHE PATH "")
set(CMAKE_DISABLE_FIND_PACKAGE_ZLIB ON CACHE BOOL "")
set(TENON_TEST_NATIVE OFF CACHE BOOL "")
