# A library that is not there is named with its Debian package. -DCXX= -DGENERATOR= -DTENON=source -DWORK=folder
cmake_minimum_required(VERSION 3.25)

function(without package options wanted)
  file(REMOVE_RECURSE ${WORK})
  execute_process(
    COMMAND ${CMAKE_COMMAND} -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX} -S ${TENON} -B ${WORK}
            -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON -DTENON_BUILD_EXAMPLES=OFF -DTENON_BUILD_BENCHMARKS=OFF ${options}
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE said)
  string(REGEX REPLACE "[ \n]+" " " said "${said}")
  if(wanted STREQUAL "" AND failed)
    message(SEND_ERROR "without ${package}: has to configure, but:\n${said}")
  elseif(NOT wanted STREQUAL "" AND (NOT failed OR NOT said MATCHES "${wanted}"))
    message(SEND_ERROR "without ${package}: wanted '${wanted}', got:\n${said}")
  endif()
endfunction()

without(xsimd "" "tenon needs xsimd. install the Debian package libxsimd-dev")
without(Catch2 "" "tenon needs Catch2. install the Debian package catch2")
without(Eigen3 "" "tenon needs Eigen3. install the Debian package libeigen3-dev")
without(ZLIB "" "tenon needs ZLIB. install the Debian package zlib1g-dev")
without(CLI11 "-DTENON_BUILD_TESTS=OFF;-DTENON_BUILD_EXAMPLES=ON" "tenon needs CLI11. install the Debian package libcli11-dev")
without(Catch2 -DTENON_BUILD_TESTS=OFF "")
without(Eigen3 -DTENON_BUILD_TESTS=OFF "")
without(OpenMP -DTENON_BUILD_TESTS=OFF "")
