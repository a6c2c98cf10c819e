# Builds and runs tests/consumer with tenon brought in as WAY says. -DWAY= -DCXX= -DGENERATOR= -DTENON=source -DWORK=folder
cmake_minimum_required(VERSION 3.25)

# The work folder is emptied: what an earlier run left there must not be found.
file(REMOVE_RECURSE ${WORK})
set(configure ${CMAKE_COMMAND} -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX})
if(WAY STREQUAL "find_package")
  execute_process(COMMAND ${configure} -S ${TENON} -B ${WORK}/tenon -DTENON_BUILD_TESTS=OFF -DTENON_BUILD_EXAMPLES=OFF
                          -DTENON_BUILD_BENCHMARKS=OFF COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${WORK}/tenon --prefix ${WORK}/first OUTPUT_QUIET
                          COMMAND_ERROR_IS_FATAL ANY)
  file(RENAME ${WORK}/first ${WORK}/prefix) # an installed tenon may be moved
  set(where -DCMAKE_PREFIX_PATH=${WORK}/prefix)
elseif(WAY STREQUAL "FetchContent")
  set(where -DFETCHCONTENT_SOURCE_DIR_TENON=${TENON})
else()
  set(where -DTENON_SOURCE=${TENON})
endif()
execute_process(COMMAND ${configure} -S ${CMAKE_CURRENT_LIST_DIR}/../consumer -B ${WORK}/consumer -DWAY=${WAY} ${where}
                        COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK}/consumer COMMAND_ERROR_IS_FATAL ANY)
foreach(program plain native)
  execute_process(COMMAND ${WORK}/consumer/${program} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
