# The libraries tenon is measured against. tenon_bench_find_peers() looks for each, says once which are found and which
# are missing (with the Debian package), and lets tenon_bench_link_peers(target) hand them to a program:
#   Eigen3           headers, linked; TENON_BENCH_EIGEN=1
#   xtensor          headers, linked; TENON_BENCH_XTENSOR=1
#   OpenBLAS, BLIS   opened while running (they export the same names, so one program cannot link both);
#                    TENON_BENCH_OPENBLAS and TENON_BENCH_BLIS are the paths
#   oneDNN           opened while running; TENON_BENCH_ONEDNN is the path. Where its headers are, linked as well, for its
#                    convolutions; TENON_BENCH_ONEDNN_HEADERS=1
#   libtorch         target tenon_peer_torch, for a program of its own: it pulls in hundreds of libraries
# A macro of a peer that is missing is not defined.

function(tenon_bench_peer name package found)
  if(found)
    set_property(GLOBAL APPEND PROPERTY TENON_BENCH_FOUND "${name}")
  else()
    set_property(GLOBAL APPEND PROPERTY TENON_BENCH_MISSING "${name} (${package})")
  endif()
endfunction()

# A shared library that is opened while running.
function(tenon_bench_opened_peer name package variable)
  find_library(TENON_BENCH_${variable}_PATH NAMES ${ARGN}
               PATH_SUFFIXES openblas-pthread openblas-openmp openblas-serial blis-openmp blis-pthread blis-serial)
  mark_as_advanced(TENON_BENCH_${variable}_PATH)
  tenon_bench_peer(${name} ${package} "${TENON_BENCH_${variable}_PATH}")
  if(TENON_BENCH_${variable}_PATH)
    set_property(GLOBAL APPEND PROPERTY TENON_BENCH_DEFINITIONS
                 "TENON_BENCH_${variable}=\"${TENON_BENCH_${variable}_PATH}\"")
  endif()
endfunction()

function(tenon_bench_find_peers)
  foreach(property FOUND MISSING DEFINITIONS LIBRARIES)
    set_property(GLOBAL PROPERTY TENON_BENCH_${property} "")
  endforeach()

  find_package(Eigen3 3.3 QUIET NO_MODULE)
  tenon_bench_peer("Eigen" libeigen3-dev "${Eigen3_FOUND}")
  if(Eigen3_FOUND)
    set_property(GLOBAL APPEND PROPERTY TENON_BENCH_DEFINITIONS TENON_BENCH_EIGEN=1)
    set_property(GLOBAL APPEND PROPERTY TENON_BENCH_LIBRARIES Eigen3::Eigen)
  endif()

  tenon_bench_opened_peer("OpenBLAS" libopenblas-dev OPENBLAS openblas libopenblas.so.0)
  tenon_bench_opened_peer("BLIS" libblis-dev BLIS blis libblis.so.4)
  tenon_bench_opened_peer("oneDNN" libdnnl-dev ONEDNN dnnl libdnnl.so.2)

  find_path(TENON_BENCH_ONEDNN_INCLUDE oneapi/dnnl/dnnl.hpp)
  mark_as_advanced(TENON_BENCH_ONEDNN_INCLUDE)
  if(TENON_BENCH_ONEDNN_PATH AND TENON_BENCH_ONEDNN_INCLUDE)
    set_property(GLOBAL APPEND PROPERTY TENON_BENCH_DEFINITIONS TENON_BENCH_ONEDNN_HEADERS=1)
    set_property(GLOBAL APPEND PROPERTY TENON_BENCH_LIBRARIES ${TENON_BENCH_ONEDNN_PATH})
  endif()

  find_path(TENON_BENCH_XTENSOR_INCLUDE xtensor/xtensor.hpp)
  mark_as_advanced(TENON_BENCH_XTENSOR_INCLUDE)
  tenon_bench_peer("xtensor" libxtensor-dev "${TENON_BENCH_XTENSOR_INCLUDE}")
  if(TENON_BENCH_XTENSOR_INCLUDE)
    set_property(GLOBAL APPEND PROPERTY TENON_BENCH_DEFINITIONS TENON_BENCH_XTENSOR=1)
  endif()

  find_path(TENON_BENCH_TORCH_INCLUDE torch/torch.h PATH_SUFFIXES torch/csrc/api/include)
  find_library(TENON_BENCH_TORCH_LIBRARY torch_cpu)
  find_library(TENON_BENCH_C10_LIBRARY c10)
  mark_as_advanced(TENON_BENCH_TORCH_INCLUDE TENON_BENCH_TORCH_LIBRARY TENON_BENCH_C10_LIBRARY)
  set(torch_found 0)
  if(TENON_BENCH_TORCH_INCLUDE AND TENON_BENCH_TORCH_LIBRARY AND TENON_BENCH_C10_LIBRARY)
    set(torch_found 1)
    if(NOT TARGET tenon_peer_torch)
      add_library(tenon_peer_torch INTERFACE)
      target_include_directories(tenon_peer_torch SYSTEM INTERFACE ${TENON_BENCH_TORCH_INCLUDE})
      target_link_libraries(tenon_peer_torch INTERFACE ${TENON_BENCH_TORCH_LIBRARY} ${TENON_BENCH_C10_LIBRARY})
    endif()
  endif()
  tenon_bench_peer("libtorch" libtorch-dev "${torch_found}")

  get_property(found GLOBAL PROPERTY TENON_BENCH_FOUND)
  get_property(missing GLOBAL PROPERTY TENON_BENCH_MISSING)
  string(REPLACE ";" ", " found_text "${found}")
  string(REPLACE ";" ", " missing_text "${missing}")
  message(STATUS "tenon benchmarks: peers found: ${found_text}")
  if(missing)
    message(STATUS "tenon benchmarks: peers missing (Debian package): ${missing_text}")
  endif()
endfunction()

function(tenon_bench_link_peers target)
  get_property(found GLOBAL PROPERTY TENON_BENCH_FOUND)
  get_property(missing GLOBAL PROPERTY TENON_BENCH_MISSING)
  get_property(definitions GLOBAL PROPERTY TENON_BENCH_DEFINITIONS)
  get_property(libraries GLOBAL PROPERTY TENON_BENCH_LIBRARIES)
  string(REPLACE ";" "\\;" found "${found}")
  string(REPLACE ";" "\\;" missing "${missing}")
  target_compile_definitions(${target} PRIVATE ${definitions} "TENON_BENCH_PEERS_FOUND=\"${found}\""
                                               "TENON_BENCH_PEERS_MISSING=\"${missing}\"")
  target_link_libraries(${target} PRIVATE ${libraries} ${CMAKE_DL_LIBS})
endfunction()
