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
endif()

# A shared library is a program of its own: a plugin built otherwise does not stop its host.
set(compile ${CXX} -std=c++20 -I${INCLUDE})
execute_process(COMMAND ${compile} -fPIC -shared -DTENON_CHECKS=2 ${WORK}/one.cpp -o ${WORK}/libone.so
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${compile} ${WORK}/other.cpp ${WORK}/libone.so -o ${WORK}/host COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${WORK}/host RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT status EQUAL 0)
  message(SEND_ERROR "a host stopped because of its plugin:\n${said}")
endif()
