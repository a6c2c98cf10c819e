# A program whose units were built with different settings stops before main and names both units, and does not link
# when TENON_LINK_GUARD is set, as tenon's CMake targets set it. -DCXX= -DINCLUDE= -DWORK=folder
cmake_minimum_required(VERSION 3.25)

file(WRITE ${WORK}/one.cpp "#include \"tenon/base/unit.hpp\"\nint one() { return 0; }\n")
file(WRITE ${WORK}/other.cpp "#include <cstdio>\n#include \"tenon/base/unit.hpp\"
int one();\nint main() { std::puts(\"main ran\"); return one(); }\n")

# program(<flags of other.cpp> <flags of both> <link|run|stop: how it ends> <what it must say>)
function(program flags both ending wanted)
  set(compile ${CXX} -std=c++20 -I${INCLUDE} ${both} -c)
  execute_process(COMMAND ${compile} ${WORK}/one.cpp -o ${WORK}/one.o COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${compile} ${flags} ${WORK}/other.cpp -o ${WORK}/other.o COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CXX} ${both} ${WORK}/one.o ${WORK}/other.o -o ${WORK}/program
                  RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  set(ended link)
  if(status EQUAL 0)
    execute_process(COMMAND ${WORK}/program RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    set(ended stop)
    if(status EQUAL 0)
      set(ended run)
    endif()
  endif()
  if(NOT ended STREQUAL ending OR NOT said MATCHES "${wanted}" OR (ended STREQUAL "stop" AND said MATCHES "main ran"))
    message(SEND_ERROR "'${flags}' against '${both}': wanted ${ending} and '${wanted}', got ${ended}:\n${said}")
  endif()
endfunction()

program("" "" run "main ran")
program("" -DTENON_LINK_GUARD run "main ran")
program("" "-fPIC;-DTENON_LINK_GUARD;-DTENON_CHECKS=0" run "main ran")
program(-DTENON_CHECKS=2 "" stop "TENON_CHECKS=[12].*TENON_CHECKS=[12].*fix: ")
program(-DTENON_CHECKS=2 "" stop "/one.cpp: ")
program(-DTENON_CHECKS=2 "" stop "/other.cpp: ")
program(-DTENON_CHECKS=2 -DTENON_LINK_GUARD link "tenon_checks_are")
program("-DTENON_CHECKS=2;-DTENON_ALLOW_MIXED_UNITS" -DTENON_LINK_GUARD run "main ran")
program(-fopenmp "" stop "threads (omp|serial)")
execute_process(COMMAND uname -m OUTPUT_VARIABLE machine OUTPUT_STRIP_TRAILING_WHITESPACE)
if(machine STREQUAL "x86_64")
  program("-mavx2;-mfma" "" stop "instruction set avx2")
  program("-mavx2;-mfma" -DTENON_LINK_GUARD link "tenon_isa_is_avx2")
  program(-march=x86-64-v3 -march=x86-64-v2 stop "instruction set (sse42|avx2).*instruction set (sse42|avx2)")
  program("-march=x86-64-v3;-DTENON_ALLOW_MIXED_UNITS" "-march=x86-64-v2;-DTENON_LINK_GUARD" run "main ran")
endif()

# TENON_ALLOW_MIXED_UNITS lifts it for a unit that exchanges raw memory only: both compute, each by code of its own.
file(WRITE ${WORK}/dot.hpp "#include \"tenon/op/multiply.hpp\"
#include \"tenon/op/sum.hpp\"
#include \"tenon/tensor/tensor.hpp\"
#include \"tenon/tensor/unsafe_borrow.hpp\"
static float dot(const float* a, const float* b, long n) {
  const auto x = tenon::unsafe_borrow(a, n), y = tenon::unsafe_borrow(b, n);
  return tenon::sum(x * y).item();
}\n")
file(WRITE ${WORK}/far.cpp "#include \"dot.hpp\"
const char* far_level = TENON_STRING(TENON_ABI);
float far_dot(const float* a, const float* b, long n) { return dot(a, b, n); }\n")
file(WRITE ${WORK}/near.cpp "#include <cstdio>\n#include <cstring>\n#include \"dot.hpp\"
extern const char* far_level;\nfloat far_dot(const float*, const float*, long);
int main() {
  float a[37], b[37], expected = 0;
  for (int i = 0; i < 37; ++i) a[i] = i, b[i] = 2 * i - 9, expected += a[i] * b[i];
  if (dot(a, b, 37) != expected || far_dot(a, b, 37) != expected) return 1;
  std::puts(std::strcmp(far_level, TENON_STRING(TENON_ABI)) ? \"two settings\" : \"one setting\");
}\n")
set(near_level)
set(far_levels "-DTENON_CHECKS=2")
if(machine STREQUAL "x86_64")
  set(near_level -march=x86-64-v2)
  set(far_levels "-march=x86-64-v2,-DTENON_CHECKS=2" "-march=x86-64-v3")
endif()
set(compile ${CXX} -std=c++20 -I${INCLUDE} -w -DTENON_LINK_GUARD -c)
execute_process(COMMAND ${compile} ${near_level} ${WORK}/near.cpp -o ${WORK}/near.o COMMAND_ERROR_IS_FATAL ANY)
foreach(level IN LISTS far_levels)
  string(REPLACE "," ";" flags "${level}")
  execute_process(COMMAND ${compile} ${flags} -DTENON_ALLOW_MIXED_UNITS ${WORK}/far.cpp -o ${WORK}/far.o
                  COMMAND_ERROR_IS_FATAL ANY)
  foreach(order "near.o;far.o" "far.o;near.o")
    list(TRANSFORM order PREPEND ${WORK}/)
    execute_process(COMMAND ${CXX} ${order} -o ${WORK}/mixed COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND ${WORK}/mixed RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT status EQUAL 0 OR NOT said STREQUAL "two settings\n")
      message(SEND_ERROR "'${level}' allowed beside '${near_level}', in the order ${order}: ended ${status}\n${said}")
    endif()
  endforeach()
endforeach()

# A shared library is a program of its own: a plugin built otherwise does not stop its host.
set(compile ${CXX} -std=c++20 -I${INCLUDE})
execute_process(COMMAND ${compile} -fPIC -shared -DTENON_CHECKS=2 ${WORK}/one.cpp -o ${WORK}/libone.so
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${compile} ${WORK}/other.cpp ${WORK}/libone.so -o ${WORK}/host COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${WORK}/host RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT status EQUAL 0)
  message(SEND_ERROR "a host stopped because of its plugin:\n${said}")
endif()
