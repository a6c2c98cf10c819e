# cmake -C cmake/tsan.cmake -S . -B build/tsan: data races, in the tests that use threads. clang with libomp, because
# libomp brings Archer, which tells the sanitizer where OpenMP waits; g++'s libgomp does not.
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")
set(CMAKE_BUILD_TYPE None CACHE STRING "")
set(CMAKE_CXX_FLAGS "-O1 -g1 -fno-omit-frame-pointer -fsanitize=thread -DTENON_TEST_SLOW" CACHE STRING "")
set(TENON_TEST_THREADS_ONLY ON CACHE BOOL "")
set(TENON_TEST_ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1:ignore_noninstrumented_modules=1" CACHE STRING "")
