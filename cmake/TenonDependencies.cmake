# What tenon stands on. Read by tenon's own build and by the installed package; sets tenon_missing to a sentence when the
# one library it cannot do without is not there.
include_guard(DIRECTORY)

# tenon_find(<package> <Debian package> [find_package arguments...]): finds it or stops with the name to install.
macro(tenon_find package debian)
  find_package(${package} ${ARGN} QUIET GLOBAL)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "tenon needs ${package}; install the Debian package ${debian}")
  endif()
endmacro()

set(tenon_missing "")
if(NOT TARGET tenon::xsimd)
  find_package(xsimd QUIET)
  if(xsimd_FOUND)
    # Only its headers: the target of Debian's 8.1 also names a library xtl, which it neither finds nor needs.
    get_target_property(tenon_xsimd_include xsimd INTERFACE_INCLUDE_DIRECTORIES)
    add_library(tenon::xsimd INTERFACE IMPORTED GLOBAL)
    target_include_directories(tenon::xsimd INTERFACE ${tenon_xsimd_include})
  else()
    set(tenon_missing "tenon needs xsimd; install the Debian package libxsimd-dev")
  endif()
endif()

if(NOT TARGET tenon::openmp)
  add_library(tenon::openmp INTERFACE IMPORTED GLOBAL)
  if(NOT DEFINED TENON_OPENMP OR TENON_OPENMP)
    find_package(OpenMP QUIET COMPONENTS CXX GLOBAL)
    if(OpenMP_CXX_FOUND)
      target_link_libraries(tenon::openmp INTERFACE OpenMP::OpenMP_CXX)
    elseif(NOT tenon_FIND_QUIETLY)
      message(STATUS "tenon: no OpenMP for ${CMAKE_CXX_COMPILER_ID}, so one thread (Debian's clang needs libomp-dev)")
    endif()
  endif()
endif()

if(NOT TARGET tenon::threads) # tensor/spawn.hpp: on older systems they are a library of their own
  find_package(Threads QUIET GLOBAL)
  add_library(tenon::threads INTERFACE IMPORTED GLOBAL)
  if(Threads_FOUND)
    target_link_libraries(tenon::threads INTERFACE Threads::Threads)
  endif()
endif()

# Units built with different settings shall not link (base/unit.hpp). Not under LTO: there clang's linker refuses even
# equal ones, and the check before main has to do.
if(NOT TARGET tenon::link_guard)
  add_library(tenon::link_guard INTERFACE IMPORTED GLOBAL)
  if(NOT "${CMAKE_CXX_FLAGS}" MATCHES "-flto")
    set(tenon_lto $<BOOL:$<TARGET_PROPERTY:INTERPROCEDURAL_OPTIMIZATION>>)
    target_compile_definitions(tenon::link_guard INTERFACE $<$<NOT:${tenon_lto}>:TENON_LINK_GUARD>)
  endif()
endif()

# tenon_optional(<name> <package> <target> <Debian package>): tenon::<name> for the headers that need one more library.
# Without the library the target links a name that does not exist, so that CMake's error says what to install.
macro(tenon_optional name package target debian)
  find_package(${package} QUIET GLOBAL)
  set(tenon_${name}_FOUND ${${package}_FOUND})
  if(NOT TARGET tenon::${name})
    add_library(tenon::${name} INTERFACE IMPORTED GLOBAL)
    if(${package}_FOUND)
      target_link_libraries(tenon::${name} INTERFACE tenon::tenon ${target})
    else()
      target_link_libraries(tenon::${name} INTERFACE tenon::${package}_is_missing_install_${debian})
    endif()
  endif()
endmacro()
tenon_optional(eigen Eigen3 Eigen3::Eigen libeigen3-dev) # interop/eigen.hpp
tenon_optional(gzip ZLIB ZLIB::ZLIB zlib1g-dev) # compressed files
