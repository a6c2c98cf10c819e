# -DPROGRAM=: tests of a library that lacks a check. They must fail or crash; a program that is not there proves nothing.
if(NOT EXISTS ${PROGRAM})
  message(FATAL_ERROR "${PROGRAM} was not built")
endif()
execute_process(COMMAND ${PROGRAM} RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said TIMEOUT 60)
if(result EQUAL 0)
  message(FATAL_ERROR "the mutant survived: its tests pass\n${said}")
endif()
message(STATUS "killed (${result})")
