# cmake -C cmake/asan-ubsan.cmake -S . -B build/asan: addresses, leaks and undefined behaviour, with every check. Not
# optimised, which builds in a third of the time, but for the layers whose tests calculate for long. Reports name functions,
# and undefined behaviour is an illegal instruction (ILL) there, which builds in three quarters of the time. For lines and for
# what was undefined: -DCMAKE_CXX_FLAGS_NONE="-g1 -fno-sanitize-trap=undefined".
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")
set(CMAKE_BUILD_TYPE None CACHE STRING "")
set(CMAKE_CXX_FLAGS
    "-O0 -g0 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
-fsanitize-trap=undefined -fno-sanitize-trap=vptr -DTENON_CHECKS=2 -DTENON_TEST_SLOW"
    CACHE STRING "")
set(TENON_TEST_OPTIMISED base kernel simd CACHE STRING "")
set(TENON_TEST_ENVIRONMENT
    "ASAN_OPTIONS=handle_sigill=1:detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1"
    "UBSAN_OPTIONS=print_stacktrace=1"
    # More than any test asks for: libomp 14 forgets some of its own memory when a later team is larger than all before.
    "OMP_NUM_THREADS=24"
    CACHE STRING "")
